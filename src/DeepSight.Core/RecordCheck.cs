using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace DeepSight.Core;

/// <summary>What a record must hold beyond its shape. Records come from stores that others may write to: nothing in them is taken for granted.</summary>
internal static class RecordCheck
{
    /// <summary>Sums of counts and sizes stay far from where a number overflows.</summary>
    public const long Most = 1L << 50;

    private const int LongestText = 1 << 20;

    private const int LongestName = 1000;

    /// <exception cref="JsonException">It does not hold; the record is unreadable as a whole.</exception>
    public static void Require([DoesNotReturnIf(false)] bool holds, string field)
    {
        if (!holds) throw new JsonException($"The field '{field}' holds what it never does.");
    }

    public static void Text(string? text, string field) => Require(text is null || text.Length <= LongestText, field);

    public static void Texts(IEnumerable<string?> texts, string field) => Require(texts.All(text => text is { Length: <= LongestText }), field);

    /// <summary>Of databases, backups, versions.</summary>
    public static void Names(IEnumerable<string?> names, string field) => Require(names.All(name => name is { Length: < LongestName }), field);

    public static void Count(long? count, string field) => Require(count is null or (>= 0 and <= Most), field);

    public static void Hash(string? hash, string field) =>
        Require(hash is null || (hash.Length is > 0 and <= 128 && hash.All(char.IsAsciiHexDigit)), field);
}
