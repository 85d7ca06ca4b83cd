using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace DeepSight.Core;

/// <summary>How every JSON of ours is written: snake_case, kebab-case enum members, UTC times, nulls kept so that the shape is fixed.</summary>
public static class Json
{
    public static JsonSerializerOptions Options { get; } = With(indented: true);

    /// <summary>The same on one line, for queue messages.</summary>
    public static JsonSerializerOptions Compact { get; } = With(indented: false);

    /// <summary>The same for types of other assemblies as well.</summary>
    public static JsonSerializerOptions With(bool indented, params IEnumerable<IJsonTypeInfoResolver> others)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.General)
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            WriteIndented = indented,
            NewLine = "\n",
            // Table names in any script stay readable; these files are never embedded in HTML.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = JsonTypeInfoResolver.Combine([JsonTypes.Default, .. others]),
        };
        options.MakeReadOnly();
        return options;
    }

    public static byte[] ToUtf8<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, TypeOf<T>(Options));

    /// <summary>On one line.</summary>
    public static string ToLine<T>(T value) => JsonSerializer.Serialize(value, TypeOf<T>(Compact));

    /// <summary>Of a type that these options know: one of <see cref="JsonTypes"/>, or of a context that was given.</summary>
    public static JsonTypeInfo<T> TypeOf<T>(JsonSerializerOptions options) => (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));

    /// <exception cref="JsonException">It is none, or not of that shape.</exception>
    internal static T? Read<T>(ReadOnlySpan<byte> content) => JsonSerializer.Deserialize(content, TypeOf<T>(Options));

    /// <inheritdoc cref="Read{T}"/>
    internal static ValueTask<T?> ReadAsync<T>(Stream content, CancellationToken cancellationToken) =>
        JsonSerializer.DeserializeAsync(content, TypeOf<T>(Options), cancellationToken);
}
