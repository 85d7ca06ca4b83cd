using System.Text;

namespace DeepSight.Core.Migrations.Files;

/// <summary>Reads a script as RoundhousE and grate do: by its byte order mark, else as UTF-8, without the mark.</summary>
internal static class ScriptText
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding Utf16 = new(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding Utf16BigEndian = new(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true);

    /// <exception cref="DeepSightException">It is in another encoding, or no text at all.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes, string file)
    {
        var (encoding, mark) = bytes switch
        {
            [0xEF, 0xBB, 0xBF, ..] => ((Encoding)Utf8, 3),
            [0xFF, 0xFE, ..] => (Utf16, 2),
            [0xFE, 0xFF, ..] => (Utf16BigEndian, 2),
            _ => (Utf8, 0),
        };

        try
        {
            var text = encoding.GetString(bytes[mark..]);
            return text.Contains('\0') ? throw NotText(file, "it holds zero bytes", null) : text;
        }
        catch (DecoderFallbackException e)
        {
            throw NotText(file, $"the byte at offset {mark + e.Index:N0} is not {encoding.WebName.ToUpperInvariant()}", e);
        }
    }

    private static DeepSightException NotText(string file, string why, Exception? inner) =>
        new(FailureKind.InvalidInput, $"'{file}' is not readable as text: {why}.", "save it as UTF-8.", inner);
}
