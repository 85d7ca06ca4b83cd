using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace DeepSight.Tests.Delivery;

/// <summary>Holds an answer against a schema of docs/openapi.yaml: types, required and unknown members, enumerations.</summary>
internal static class OpenApiSchema
{
    private static readonly (JsonSchemaType Type, Func<JsonElement, bool> Is)[] Types =
    [
        (JsonSchemaType.Null, value => value.ValueKind == JsonValueKind.Null),
        (JsonSchemaType.Boolean, value => value.ValueKind is JsonValueKind.True or JsonValueKind.False),
        (JsonSchemaType.Integer, value => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _)),
        (JsonSchemaType.Number, value => value.ValueKind == JsonValueKind.Number),
        (JsonSchemaType.String, value => value.ValueKind == JsonValueKind.String),
        (JsonSchemaType.Array, value => value.ValueKind == JsonValueKind.Array),
        (JsonSchemaType.Object, value => value.ValueKind == JsonValueKind.Object),
    ];

    /// <summary>Every disagreement, with its place; none when the value fits.</summary>
    public static IEnumerable<string> Disagreements(IOpenApiSchema schema, JsonElement value, string place = "$")
    {
        if (schema.Type is { } allowed && !Types.Any(type => allowed.HasFlag(type.Type) && type.Is(value)))
            return [$"{place} is {value.GetRawText()}, not {allowed}"];
        if (schema.Enum is { Count: > 0 } choices && !choices.Any(choice => Same(choice, value)))
            return [$"{place} is {value.GetRawText()}, not one of the enumeration"];
        if (schema.Format == "date-time" && value.ValueKind == JsonValueKind.String && !DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, out _))
            return [$"{place} is no time"];

        return value.ValueKind switch
        {
            JsonValueKind.Object => OfMembers(schema, value, place),
            JsonValueKind.Array when schema.Items is { } item => value.EnumerateArray().SelectMany((each, i) => Disagreements(item, each, $"{place}[{i}]")),
            _ => [],
        };
    }

    private static IEnumerable<string> OfMembers(IOpenApiSchema schema, JsonElement value, string place)
    {
        foreach (var name in schema.Required ?? new HashSet<string>())
            if (!value.TryGetProperty(name, out _)) yield return $"{place}.{name} is missing";
        foreach (var member in value.EnumerateObject())
            if (schema.Properties?.TryGetValue(member.Name, out var known) == true)
                foreach (var disagreement in Disagreements(known, member.Value, $"{place}.{member.Name}")) yield return disagreement;
            else if (!schema.AdditionalPropertiesAllowed)
                yield return $"{place}.{member.Name} is not in the schema";
    }

    private static bool Same(JsonNode? choice, JsonElement value) => choice is null || choice.GetValueKind() == JsonValueKind.Null || choice.IsJsonNullSentinel()
        ? value.ValueKind == JsonValueKind.Null
        : JsonNode.DeepEquals(choice, JsonNode.Parse(value.GetRawText()));
}
