using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using DeepSight.Cli.Output;
using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Runs;

namespace DeepSight.Tests;

public sealed class JsonTests
{
    public static TheoryData<Type> Enums => [.. Of(JsonTypes.Default).Concat(Of(CliJson.Default)).Where(type => type.IsEnum).Distinct()];

    [Theory, MemberData(nameof(Enums))]
    public void An_enum_is_written_by_name(Type type)
    {
        var options = Json.With(indented: false, CliJson.Default);

        foreach (var member in Enum.GetValues(type))
        {
            var json = JsonSerializer.Serialize(member, options.GetTypeInfo(type));
            Assert.Equal($"\"{JsonNamingPolicy.KebabCaseLower.ConvertName(member.ToString()!)}\"", json);
            Assert.Equal(member, JsonSerializer.Deserialize(json, options.GetTypeInfo(type)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(", \"warnings\": null, \"notes\": null")]
    public void A_list_that_a_file_does_not_have_is_empty(string rest)
    {
        var run = Json.Read<RunRecord>(Encoding.UTF8.GetBytes($$"""
            {"id": "1", "job": "backup", "trigger": "timer", "status": "succeeded", "started_at": "2026-02-12T03:00:00+00:00", "tool_version": "1"{{rest}}}
            """));
        var drill = Json.Read<DrillResult>(Encoding.UTF8.GetBytes($$"""
            {"name": "a", "started_at": "2026-02-12T03:00:00+00:00", "finished_at": "2026-02-12T03:00:00+00:00", "restore_seconds": 1, "sha256": "ab",
             "server_version": "17", "tool_version": "1", "tables": 1, "rows": 1{{rest}}}
            """));

        Assert.Empty(run!.Warnings);
        Assert.Empty(drill!.Notes);
    }

    private static IEnumerable<Type> Of(JsonSerializerContext context) => context.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Select(property => property.PropertyType)
        .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(JsonTypeInfo<>))
        .Select(type => type.GetGenericArguments()[0]);
}
