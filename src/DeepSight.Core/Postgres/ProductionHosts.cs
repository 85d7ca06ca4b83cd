using System.IO.Enumeration;

namespace DeepSight.Core.Postgres;

/// <summary>Which hosts hold production: what takes something away there has to be confirmed.</summary>
public static class ProductionHosts
{
    /// <summary>Always production: the hosted service that the old tool guarded, by its public and its private names.</summary>
    public static IReadOnlyList<string> Always { get; } = ["*.railway.app", "*.proxy.rlwy.net", "*.railway.internal"];

    /// <summary>The pattern that the database's host matches, in any case; null when it is none of them.</summary>
    /// <param name="more">Further patterns, <c>*</c> for any part: <c>RESTORE_PRODUCTION_HOSTS</c>.</param>
    public static string? Match(DatabaseUrl database, IEnumerable<string> more) =>
        Always.Concat(more).FirstOrDefault(pattern => new[] { database.Host, database.OtherHost }.OfType<string>()
            // A name with a dot at its end is the same name.
            .Any(host => FileSystemName.MatchesSimpleExpression(pattern, host.TrimEnd('.'), ignoreCase: true)));
}
