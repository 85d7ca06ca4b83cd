using System.Globalization;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Catalog;

/// <summary>What a dump of this database can't hold, or may mislead about. It makes the backup no worse than it can be, and must be known.</summary>
internal static class BackupDoubts
{
    /// <summary>Backups are named by our clock, and kept and found by their names.</summary>
    private static readonly TimeSpan WorryingSkew = TimeSpan.FromMinutes(5);

    private const int MostNamed = 5;

    public static async Task<IReadOnlyList<string>> FindAsync(
        NpgsqlConnection connection, ServerInfo server, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var doubts = new List<string>();
        if ((now - server.Time).Duration() > WorryingSkew)
            doubts.Add(string.Create(CultureInfo.InvariantCulture,
                $"This machine's clock says {now:yyyy-MM-dd HH:mm} UTC, the database server's {server.Time:yyyy-MM-dd HH:mm}: backups are named and kept by this machine's."));
        if (server.SharesOwnSchema)
            doubts.Add($"The schema '{OwnSchema.Name}' holds more than this tool's bookkeeping: it is in the backup. Restore by swap or --into; in place, that schema is not cleared first.");
        if (server.IsInRecovery && await UnloggedAsync(connection, cancellationToken) is [_, ..] tables)
            doubts.Add($"A standby has no rows of unlogged tables, so the backup has none of {string.Join(", ", tables.Take(MostNamed))}"
                + (tables.Count > MostNamed ? $" and {tables.Count - MostNamed} more." : "."));
        return doubts;
    }

    private static Task<List<string>> UnloggedAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => connection.ListAsync(
        """
        select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relpersistence = 'u' and c.relkind = 'r' and n.nspname !~ '^pg_' order by 1
        """, cancellationToken);
}
