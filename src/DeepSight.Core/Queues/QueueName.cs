using System.Text.RegularExpressions;

namespace DeepSight.Core.Queues;

/// <summary>
/// Azure's rules for queue names: 3 to 63 characters, lower-case letters, digits and single dashes, a letter or digit at both ends
/// (learn.microsoft.com/rest/api/storageservices/naming-queues-and-metadata).
/// </summary>
public static partial class QueueName
{
    /// <exception cref="DeepSightException">The name breaks the rules.</exception>
    public static string Check(string name) => Pattern().IsMatch(name)
        ? name
        : throw new DeepSightException(FailureKind.InvalidInput, $"'{name}' can't be the name of a queue.",
            "3 to 63 characters: lower-case letters, digits and single dashes, with a letter or digit at both ends.");

    [GeneratedRegex(@"\A(?=.{3,63}\z)[a-z0-9]+(-[a-z0-9]+)*\z")]
    private static partial Regex Pattern();
}
