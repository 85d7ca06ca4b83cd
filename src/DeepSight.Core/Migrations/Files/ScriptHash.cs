using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace DeepSight.Core.Migrations.Files;

/// <summary>
/// RoundhousE's hash of a script, and grate's: quotes doubled, line ends as LF, UTF-8, MD5, base64. It recognises a text, it protects nothing.
/// </summary>
internal static class ScriptHash
{
    private static readonly string[] LineEnds = ["\r\n", "\n", "\r"];

    public static string Of(string text) => Digest(text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n'));

    /// <summary>
    /// Whether a journal's hash is of this text. Older versions of RoundhousE did not normalise line ends, so a checkout with others
    /// than those of the machine that ran the script still counts as the same.
    /// </summary>
    public static bool Matches(string text, string? hash) => hash is not null && (
        Of(text) == hash
        || Digest(text) == hash
        || LineEnds.Any(from => LineEnds.Any(to => Digest(text.Replace(from, to, StringComparison.Ordinal)) == hash)));

    [SuppressMessage("Security", "CA5351", Justification = "The journal's format; see the summary.")]
    private static string Digest(string text) =>
        Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes(text.Replace("'", "''", StringComparison.Ordinal))));
}
