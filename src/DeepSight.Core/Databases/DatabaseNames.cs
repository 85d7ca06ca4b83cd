using System.Text;
using System.Text.RegularExpressions;

namespace DeepSight.Core.Databases;

/// <summary>Names of the databases that restores make.</summary>
internal static partial class DatabaseNames
{
    /// <summary>In PostgreSQL; longer ones would be cut silently.</summary>
    public const int MostBytes = 63;

    private const string ScratchPart = "__restore_";
    private const string PreviousPart = "__before_";

    /// <summary><c>app__restore_1a2b3c4d</c></summary>
    public static string Scratch(string database, string id) => With(database, ScratchPart + id);

    /// <summary><c>app__before_1a2b3c4d</c></summary>
    public static string Previous(string database, string id) => With(database, PreviousPart + id);

    /// <summary>Still as a swap named it. What somebody named otherwise, somebody keeps.</summary>
    public static bool IsPrevious(string name) => PreviousName().IsMatch(name);

    /// <summary>As PostgreSQL's regular expressions have it.</summary>
    public const string ScratchPattern = "__restore_[0-9a-f]{8}$";

    /// <summary>Eight hexadecimal digits.</summary>
    public static string NewId() => Guid.NewGuid().ToString("N")[..8];

    /// <summary>Eight hexadecimal digits for any run's id: the id itself where it is such.</summary>
    public static string IdOf(string runId) => runId.Length == 8 && runId.All(char.IsAsciiHexDigitLower)
        ? runId
        : Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(runId)))[..8];

    /// <exception cref="DeepSightException">It can't be a database's name.</exception>
    public static string Checked(string? name) =>
        string.IsNullOrEmpty(name)
            ? throw new DeepSightException(FailureKind.InvalidInput, "The mode into needs the new database's name.", "--into NAME")
            : Encoding.UTF8.GetByteCount(name) > MostBytes || name.Any(char.IsControl)
                ? throw new DeepSightException(FailureKind.InvalidInput, $"'{name}' can't be a database's name.", $"up to {MostBytes} bytes, without control characters.")
                : name;

    /// <summary>A name that would be too long is shortened; the id keeps it apart from others.</summary>
    private static string With(string database, string ending)
    {
        while (Encoding.UTF8.GetByteCount(database) + ending.Length > MostBytes)
            database = database[..^(char.IsLowSurrogate(database[^1]) ? 2 : 1)];
        return database + ending;
    }

    [GeneratedRegex(PreviousPart + "[0-9a-f]{8}$")]
    private static partial Regex PreviousName();
}
