using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace DeepSight.Core;

/// <summary>How every JSON of ours is written: snake_case, kebab-case enum members, UTC times, nulls kept so that the shape is fixed.</summary>
public static class Json
{
    public static JsonSerializerOptions Options { get; } = Create(indented: true);

    /// <summary>The same on one line, for queue messages.</summary>
    public static JsonSerializerOptions Compact { get; } = Create(indented: false);

    public static byte[] ToUtf8<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Options);

    private static JsonSerializerOptions Create(bool indented)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.General)
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            WriteIndented = indented,
            NewLine = "\n",
            // Table names in any script stay readable; these files are never embedded in HTML.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
        };
        options.MakeReadOnly();
        return options;
    }
}
