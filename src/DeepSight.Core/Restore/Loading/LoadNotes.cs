using System.Text.RegularExpressions;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Restore.Loading;

/// <summary>What a load left out, for people: one line a kind of statement.</summary>
internal static partial class LoadNotes
{
    /// <summary>Of no interest: what a restore puts in its place itself.</summary>
    private static readonly HashSet<string> Usual = [@"\restrict", @"\unrestrict", "BEGIN", "COMMIT"];

    public static IEnumerable<string> Of(IReadOnlyList<SqlFilterUse> leftOut) =>
        leftOut.Where(use => !Usual.Contains(use.What))
            .GroupBy(use => Statement().Match(use.What).Value)
            .Select(kind => $"left out of the dump: {kind.Key}{string.Join(", ", kind.Select(use => use.What[kind.Key.Length..] + Times(use.Count)))}");

    /// <param name="whyNot">What the server said to a role of the load's own.</param>
    public static string OwnRights(DatabaseUrl target, string whyNot) => $"it was loaded with the rights of '{target.User}', since a role made for it can't log in: {whyNot}";

    private static string Times(long count) => count > 1 ? $" ({count:N0} times)" : "";

    /// <summary>The words before a name.</summary>
    [GeneratedRegex(@"\A([A-Z]+ )*")]
    private static partial Regex Statement();
}
