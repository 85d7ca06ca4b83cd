using System.Text;

namespace DeepSight.Core.Restore.Requests;

/// <summary>The text of a request, as it was written or as base64: both are found on queues.</summary>
internal static class RequestText
{
    /// <summary>More than any request needs, and few enough to print.</summary>
    private const int ShownCharacters = 80;

    /// <exception cref="DeepSightException">Neither JSON nor base64 of it.</exception>
    public static string Decode(string text)
    {
        var trimmed = text.Trim('\uFEFF', ' ', '\t', '\r', '\n');
        return trimmed.StartsWith('{') ? trimmed : FromBase64(trimmed);
    }

    /// <summary>A foreign value in a message of ours: short, without control characters, and no half of a surrogate pair.</summary>
    public static string Show(string value)
    {
        var printable = string.Concat(value.EnumerateRunes().Take(ShownCharacters).Select(rune => Rune.IsControl(rune) ? "?" : rune.ToString()));
        return value.Length > ShownCharacters ? $"'{printable}…'" : $"'{printable}'";
    }

    private static string FromBase64(string text)
    {
        try
        {
            var decoded = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Convert.FromBase64String(text)).Trim('\uFEFF', ' ', '\t', '\r', '\n');
            if (decoded.StartsWith('{')) return decoded;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            // Told below: what it is not matters, how it isn't does not.
        }

        throw new DeepSightException(FailureKind.InvalidInput, "The restore request is neither a JSON object nor base64 of one.",
            "docs/restore-requests.md shows one.");
    }
}
