using System.Collections.Concurrent;
using System.Data;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Databases;

/// <summary>ANALYZE of a database that only we use, two tables at a time.</summary>
internal static class Statistics
{
    /// <summary>Tables in a note.</summary>
    private const int Shown = 3;

    /// <summary>
    /// What ANALYZE without a name takes, the largest first. A partitioned table's own ANALYZE goes through its partitions.
    /// </summary>
    private const string Tables =
        """
        select format('%I.%I', n.nspname, c.relname) from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'm', 'p') and c.relpersistence <> 't' and not c.relispartition
         order by c.relkind = 'p' desc, c.relpages desc
        """;

    /// <summary>
    /// Of what pg_dump reads, in a database that was just filled: without it the server plans for an empty one, and a schema of some hundred tables takes
    /// minutes. What the role may not analyze the server passes over.
    /// </summary>
    public const string OfCatalogue =
        """
        ANALYZE pg_catalog.pg_class, pg_catalog.pg_attribute, pg_catalog.pg_attrdef, pg_catalog.pg_constraint, pg_catalog.pg_depend, pg_catalog.pg_description, pg_catalog.pg_index,
                pg_catalog.pg_inherits, pg_catalog.pg_namespace, pg_catalog.pg_policy, pg_catalog.pg_proc, pg_catalog.pg_rewrite, pg_catalog.pg_trigger, pg_catalog.pg_type
        """;

    /// <param name="connection">The first of the two.</param>
    /// <param name="sessionSettings">For the second.</param>
    /// <returns>What could not be analyzed and why, for people: never a reason to fail, since only plans are worse without.</returns>
    public static async Task<IReadOnlyList<string>> GatherAsync(NpgsqlConnection connection, DatabaseUrl database, string sessionSettings, CancellationToken cancellationToken)
    {
        var failed = new ConcurrentQueue<string>();
        try
        {
            var tables = new ConcurrentQueue<string>(await connection.ListAsync(Tables, cancellationToken));
            await Task.WhenAll(AnalyzeAsync(connection, tables, failed, cancellationToken), AnalyzeBesideAsync(tables));
        }
        catch (NpgsqlException e)
        {
            failed.Enqueue($"the database ({Reason(e)})");
        }

        return failed.IsEmpty ? [] : [$"statistics could not be gathered of {string.Join(", ", failed.Take(Shown))}{(failed.Count > Shown ? $" and {failed.Count - Shown} more" : "")}: run ANALYZE."];

        async Task AnalyzeBesideAsync(ConcurrentQueue<string> tables)
        {
            await using var second = await TryConnectAsync(database, cancellationToken);
            if (second is null) return;
            if (sessionSettings.Length > 0) await second.ExecuteAsync(sessionSettings, cancellationToken);
            await AnalyzeAsync(second, tables, failed, cancellationToken);
        }
    }

    /// <summary>An expression of an index or of extended statistics may fail by itself, as one that counts on a search path does.</summary>
    private static async Task AnalyzeAsync(NpgsqlConnection connection, ConcurrentQueue<string> tables, ConcurrentQueue<string> failed, CancellationToken cancellationToken)
    {
        while (connection.State == ConnectionState.Open && tables.TryDequeue(out var table))
        {
            try
            {
                await connection.ExecuteAsync("ANALYZE " + table, cancellationToken);
            }
            catch (NpgsqlException e)
            {
                failed.Enqueue($"{table} ({Reason(e)})");
            }
        }
    }

    private static string Reason(NpgsqlException e) => (e as PostgresException)?.MessageText ?? e.Message.Split('\n')[0];

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
