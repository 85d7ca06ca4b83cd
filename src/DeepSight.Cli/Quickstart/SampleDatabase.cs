using DeepSight.Core;
using DeepSight.Core.Postgres;
using Npgsql;

namespace DeepSight.Cli.Quickstart;

/// <summary>
/// The database that the quickstart backs up: made by sample-schema.sql and sample-data.sql, the same on every server.
/// </summary>
internal static class SampleDatabase
{
    /// <summary>Creates and fills it; takes some ten seconds. If that fails, no database is left.</summary>
    /// <param name="server">A superuser's connection, to any database of the server.</param>
    /// <param name="name">The database to create.</param>
    /// <exception cref="DeepSightException">The name is taken, or a statement failed: says which, by file and line.</exception>
    public static async Task<SampleContents> CreateAsync(DatabaseUrl server, string name, CancellationToken cancellationToken)
    {
        await using var maintenance = await PostgresServer.ConnectAsync(server, "deepsight quickstart", cancellationToken);
        var database = new NpgsqlCommandBuilder().QuoteIdentifier(name);
        // The C locale: what the data is must not depend on how the machine sorts and changes case.
        await SampleScript.RunAsync(maintenance,
            $"CREATE DATABASE {database} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'", cancellationToken);
        try
        {
            var sample = server.WithDatabase(name);
            await using var connection = await PostgresServer.ConnectAsync(sample, "deepsight quickstart", cancellationToken);
            // A transaction each: before PostgreSQL 17 a value added to an enum can't be used in the one that added it.
            await SampleScript.RunFileAsync(connection, "sample-schema.sql", cancellationToken);
            await SampleScript.RunFileAsync(connection, "sample-data.sql", cancellationToken);
            return await CountAsync(connection, cancellationToken);
        }
        catch
        {
            // Also after a cancellation.
            await SampleScript.RunAsync(maintenance, $"DROP DATABASE {database} WITH (FORCE)", CancellationToken.None);
            throw;
        }
    }

    /// <summary>Deletes half of each table's rows, as an accident would: no trigger and no foreign key is asked.</summary>
    public static async Task<SampleContents> DeleteHalfAsync(DatabaseUrl sample, CancellationToken cancellationToken)
    {
        await using var connection = await PostgresServer.ConnectAsync(sample, "deepsight quickstart", cancellationToken);
        await SampleScript.RunAsync(connection,
            """
            DO $$
            DECLARE sample_table regclass;
            BEGIN
              SET LOCAL session_replication_role = replica;
              FOR sample_table IN SELECT format('%I.%I', schemaname, tablename)::regclass FROM pg_tables WHERE schemaname IN ('public', 'billing', 'analytics') LOOP
                EXECUTE format('DELETE FROM ONLY %1$s WHERE ctid = ANY (ARRAY(SELECT ctid FROM ONLY %1$s LIMIT (SELECT count(*) / 2 FROM ONLY %1$s)))', sample_table);
              END LOOP;
            END
            $$
            """, cancellationToken);
        return await CountAsync(connection, cancellationToken);
    }

    public static async Task<SampleContents> CountAsync(DatabaseUrl sample, CancellationToken cancellationToken)
    {
        await using var connection = await PostgresServer.ConnectAsync(sample, "deepsight quickstart", cancellationToken);
        return await CountAsync(connection, cancellationToken);
    }

    private static async Task<SampleContents> CountAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // ONLY: the rows of tables that inherit are counted once, where they are.
        const string writeQuery =
            """
            SELECT 'SELECT count(*), sum(rows)::bigint FROM ('
                || string_agg(format('SELECT count(*) AS rows FROM ONLY %I.%I', schemaname, tablename), ' UNION ALL ')
                || ') AS tables'
            FROM pg_tables
            WHERE schemaname IN ('public', 'billing', 'analytics')
            """;
        await using var writing = new NpgsqlCommand(writeQuery, connection);
        await using var counting = new NpgsqlCommand((string)(await writing.ExecuteScalarAsync(cancellationToken))!, connection);
        await using var counted = await counting.ExecuteReaderAsync(cancellationToken);
        await counted.ReadAsync(cancellationToken);
        return new SampleContents((int)counted.GetInt64(0), counted.GetInt64(1));
    }
}

/// <summary>What a new sample database holds.</summary>
/// <param name="Tables">Ordinary and partitioned ones, and partitions.</param>
/// <param name="Rows">Of all of them, by <c>count(*)</c>; each row counts once.</param>
internal sealed record SampleContents(int Tables, long Rows);
