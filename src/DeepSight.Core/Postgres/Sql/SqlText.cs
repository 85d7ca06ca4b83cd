using System.Text;

namespace DeepSight.Core.Postgres.Sql;

/// <summary>Bytes of SQL as text.</summary>
internal static class SqlText
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>As UTF-8, or else, so that distinct names of a database in another encoding stay distinct, as Latin-1.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }

    /// <summary>The server folds ASCII letters only, in any encoding of more than one byte (downcase_identifier).</summary>
    public static string Fold(ReadOnlySpan<byte> word)
    {
        var text = Decode(word);
        return string.Create(text.Length, text, (folded, source) =>
        {
            for (var i = 0; i < folded.Length; i++)
                folded[i] = char.IsAsciiLetterUpper(source[i]) ? (char)(source[i] | 0x20) : source[i];
        });
    }
}
