using System.Collections.Frozen;

namespace DeepSight.Core.Postgres.Sql;

/// <summary>
/// The encodings that only a client can have (pg_wchar.h, after PG_ENCODING_BE_LAST): the second byte of a character may be an
/// ASCII one, so that psql sees other backslashes than whoever reads bytes. pg_dump writes them with <c>--encoding</c> only.
/// </summary>
internal static class ClientEncoding
{
    private static readonly FrozenSet<string> Ambiguous = FrozenSet.Create(
        "sjis", "mskanji", "shiftjis", "win932", "windows932", "shiftjis2004", "big5", "win950", "windows950", "gbk", "win936",
        "windows936", "uhc", "win949", "windows949", "gb18030", "johab");

    /// <param name="name">As in a SET; PostgreSQL reads its letters and digits only, without case (clean_encoding_name).</param>
    public static bool IsAmbiguous(string name) =>
        Ambiguous.Contains(string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant());
}
