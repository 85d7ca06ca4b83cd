using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace DeepSight.Core;

/// <summary>How every JSON of ours is written: snake_case, kebab-case enum members, UTC times, nulls kept so that the shape is fixed.</summary>
public static class Json
{
    /// <summary>Of one record: a manifest of a hundred thousand tables fits. More is not read.</summary>
    private const int MostBytes = 64 << 20;

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
            // A record with null where there is always something is none.
            RespectNullableAnnotations = true,
            MaxDepth = 16,
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
    internal static T? Read<T>(ReadOnlySpan<byte> content)
    {
        if (content.Length > MostBytes) throw new JsonException($"More than {MostBytes:N0} bytes.");
        try
        {
            return JsonSerializer.Deserialize(content, TypeOf<T>(Options));
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or OverflowException or ArgumentException or NotSupportedException)
        {
            // What a converter makes of a value that can't be: to the reader it is a record like any other that is none.
            throw new JsonException(e.GetType().Name, e);
        }
    }

    /// <inheritdoc cref="Read{T}"/>
    internal static async ValueTask<T?> ReadAsync<T>(Stream content, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (await content.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            if (bytes.Length + count > MostBytes) throw new JsonException($"More than {MostBytes:N0} bytes.");
            bytes.Write(buffer, 0, count);
        }

        return Read<T>(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }
}
