using System.Text.Json;

namespace DeepSight.Core.Settings;

/// <summary>Enum members as operators write them: <c>PreRestore</c> is <c>pre-restore</c>.</summary>
public static class EnumNames
{
    public static string Of(Enum value) => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    internal static IEnumerable<string> Of(Type type) => Enum.GetNames(type).Select(JsonNamingPolicy.KebabCaseLower.ConvertName);

    internal static object? Parse(Type type, string text)
    {
        var match = Enum.GetNames(type).FirstOrDefault(name =>
            string.Equals(JsonNamingPolicy.KebabCaseLower.ConvertName(name), text, StringComparison.OrdinalIgnoreCase));
        return match is null ? null : Enum.Parse(type, match);
    }
}
