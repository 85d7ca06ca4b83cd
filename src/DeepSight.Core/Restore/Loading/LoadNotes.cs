using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Restore.Loading;

/// <summary>What a load left out, for people.</summary>
internal static class LoadNotes
{
    /// <summary>Of no interest: what a restore puts in its place itself.</summary>
    private static readonly HashSet<string> Usual = [@"\restrict", @"\unrestrict", "BEGIN", "COMMIT"];

    public static IEnumerable<string> Of(IReadOnlyList<SqlFilterUse> leftOut) =>
        leftOut.Where(use => !Usual.Contains(use.What))
            .Select(use => $"left out of the dump: {use.What}{(use.Count > 1 ? $" ({use.Count:N0} times)" : "")}");
}
