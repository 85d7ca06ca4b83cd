using System.Text;
using System.Text.RegularExpressions;

namespace DeepSight.Core.Dumps.Signing;

/// <summary>
/// The signature of a manifest, on the last line but one of its file: <c>  "signature": "KEYID:BASE64"</c>. Signed is the rest of the
/// file, byte for byte, so that grep and openssl can check it: docs/recovery.md.
/// </summary>
internal static partial class ManifestSignature
{
    private const string Unsigned = "  \"signature\": null\n";

    private static ReadOnlySpan<byte> Label => "\n  \"signature\": "u8;

    /// <param name="manifest">As <see cref="Json.ToUtf8"/> writes one that is not signed.</param>
    public static byte[] Add(byte[] manifest, SigningKey key)
    {
        var at = manifest.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes(Unsigned));
        // The last line ends as well: grep would end it.
        byte[] rest = [.. manifest[..at], .. manifest[(at + Unsigned.Length)..], (byte)'\n'];
        var line = $"  \"signature\": \"{key.Public.Id}:{Convert.ToBase64String(key.Sign(rest))}\"\n";
        return [.. rest[..at], .. Encoding.ASCII.GetBytes(line), .. rest[at..]];
    }

    /// <returns>Why it is not to be trusted; null when one of the keys signed these very bytes.</returns>
    public static string? WhyUntrusted(ReadOnlySpan<byte> manifest, IReadOnlyList<PublicKey> trusted)
    {
        var start = manifest.IndexOf(Label) + 1;
        if (start == 0) return "its manifest is not signed";
        var end = manifest[start..].IndexOf((byte)'\n');
        if (end < 0 || manifest[(start + end)..].IndexOf(Label) >= 0) return "its manifest's signature can't be read";

        // Nothing else may stand on that line: it is the one that is not signed.
        var line = Line().Match(Encoding.ASCII.GetString(manifest.Slice(start, end)));
        if (!line.Success) return manifest.Slice(start, end).EndsWith("null"u8) ? "its manifest is not signed" : "its manifest's signature can't be read";
        if (trusted.FirstOrDefault(key => key.Id == line.Groups["id"].Value) is not { } key)
            return $"the key that signed its manifest ({line.Groups["id"].Value}) is not among RESTORE_TRUSTED_KEYS";

        var signature = new byte[64];
        byte[] rest = [.. manifest[..start], .. manifest[(start + end + 1)..]];
        return Convert.TryFromBase64String(line.Groups["signature"].Value, signature, out var length) && length == signature.Length && key.Verifies(rest, signature)
            ? null
            : "its manifest was changed after it was signed";
    }

    [GeneratedRegex("""\A  "signature": "(?<id>[0-9a-f]{8}):(?<signature>[A-Za-z0-9+/]{86}==)"\z""")]
    private static partial Regex Line();
}
