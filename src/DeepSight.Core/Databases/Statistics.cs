using System.Collections.Concurrent;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Databases;

/// <summary>ANALYZE of a database that only we use, two tables at a time.</summary>
internal static class Statistics
{
    /// <summary>
    /// What ANALYZE without a name takes, the largest first. A partitioned table's own ANALYZE goes through its partitions.
    /// </summary>
    private const string Tables =
        """
        select format('%I.%I', n.nspname, c.relname) from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'm', 'p') and c.relpersistence <> 't' and not c.relispartition
         order by c.relkind = 'p' desc, c.relpages desc
        """;

    /// <param name="connection">The first of the two.</param>
    /// <param name="sessionSettings">For the second.</param>
    public static async Task GatherAsync(NpgsqlConnection connection, DatabaseUrl database, string sessionSettings, CancellationToken cancellationToken)
    {
        var tables = new ConcurrentQueue<string>(await connection.ListAsync(Tables, cancellationToken));
        await Task.WhenAll(AnalyzeAsync(connection, tables, cancellationToken), AnalyzeBesideAsync());

        async Task AnalyzeBesideAsync()
        {
            await using var second = await TryConnectAsync(database, cancellationToken);
            if (second is null) return;
            await second.ExecuteAsync(sessionSettings, cancellationToken);
            await AnalyzeAsync(second, tables, cancellationToken);
        }
    }

    private static async Task AnalyzeAsync(NpgsqlConnection connection, ConcurrentQueue<string> tables, CancellationToken cancellationToken)
    {
        while (tables.TryDequeue(out var table)) await connection.ExecuteAsync("ANALYZE " + table, cancellationToken);
    }

    /// <summary>Null where the server gives no second connection: the first does it all.</summary>
    private static async Task<NpgsqlConnection?> TryConnectAsync(DatabaseUrl database, CancellationToken cancellationToken)
    {
        try
        {
            return await RestoreConnection.OpenAsync(database, cancellationToken);
        }
        catch (DeepSightException)
        {
            return null;
        }
    }
}
