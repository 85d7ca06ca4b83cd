using System.Text.RegularExpressions;

namespace DeepSight.Core.Storage;

/// <summary>
/// What an object of a store may be called: folders and a file of ASCII letters, digits, <c>. _ -</c>, none of them starting
/// with a dot. That is the same on every file system and every S3 service, sorts the same everywhere, and can't climb out
/// of the store's root. Whatever else lies there is not ours and is passed over.
/// </summary>
internal static partial class ObjectName
{
    /// <summary>S3's limit of 1,024 bytes for a key, less what a prefix takes.</summary>
    private const int Longest = 700;

    public static bool IsValid(string name) =>
        name.Length <= Longest && Pattern().IsMatch(name);

    /// <exception cref="DeepSightException">The name is not one that a store takes.</exception>
    public static string Checked(string name) => IsValid(name)
        ? name
        : throw new DeepSightException(FailureKind.InvalidInput,
            $"'{name}' can't be the name of a backup or of a file beside it.",
            "names have letters, digits, dots, hyphens and underscores; `deepsight list` shows those that are there.");

    /// <summary>Each part of at most 200 characters: room for the temporary name's additions within a file system's 255 bytes.</summary>
    [GeneratedRegex(@"\A[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,199})*\z")]
    private static partial Regex Pattern();
}
