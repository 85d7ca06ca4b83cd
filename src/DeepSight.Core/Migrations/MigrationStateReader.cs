using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Migrations.Journal;
using DeepSight.Core.Postgres;
using Npgsql;

namespace DeepSight.Core.Migrations;

/// <summary>Reads what a database says about its migrations. A role that may only SELECT is enough, and no journal needs to be there.</summary>
public static class MigrationStateReader
{
    /// <summary>Connects, reads and leaves.</summary>
    public static async Task<MigrationState> ReadAsync(DatabaseUrl database, MigrationSettings settings, CancellationToken cancellationToken)
    {
        var files = await MigrationSources.LoadAsync(settings, database, cancellationToken);
        await using var connection = await PostgresServer.ConnectAsync(database, "deepsight migrate", cancellationToken);
        try
        {
            return await ReadAsync(connection, settings, files, cancellationToken);
        }
        catch (PostgresException e) when (JournalAccess.Explain(e, database, "read") is { } explained)
        {
            throw explained;
        }
    }

    /// <summary>Over a connection that is open already, with files that were read for this database.</summary>
    public static async Task<MigrationState> ReadAsync(
        NpgsqlConnection connection, MigrationSettings settings, MigrationFiles files, CancellationToken cancellationToken)
    {
        var tables = await JournalTables.FindAsync(connection, settings.JournalSchema, cancellationToken);
        return await ReadAsync(connection, tables, files, cancellationToken);
    }

    internal static async Task<MigrationState> ReadAsync(
        NpgsqlConnection connection, JournalTables tables, MigrationFiles files, CancellationToken cancellationToken)
    {
        var content = await JournalContent.ReadAsync(connection, tables, cancellationToken);
        var (known, lastDownAt, interruptions) = await ReadLogAsync(connection, tables, cancellationToken);
        return new MigrationState(files, content)
        {
            HasJournal = tables.HasScriptsRun,
            IsKnown = known,
            LastDownAt = lastDownAt,
            Interruptions = interruptions,
            Hold = await MigrationHold.FindAsync(connection, cancellationToken),
            Alembic = await AlembicVersions.ReadAsync(connection, cancellationToken),
        };
    }

    private static async Task<(bool Known, DateTime? LastDownAt, IReadOnlyList<Interruption> Interruptions)> ReadLogAsync(
        NpgsqlConnection connection, JournalTables tables, CancellationToken cancellationToken)
    {
        if (!tables.HasRevisionLog) return (false, null, []);

        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand($"select count(*) > 0, max(finished_at) filter (where action = 'down') at time zone 'UTC' from {tables.RevisionLog}"),
                new NpgsqlBatchCommand($"select id, revision, script_name, action, backend_pid, backend_start from {tables.RevisionLog} where state = 'started' order by id"),
            },
        };
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var (known, lastDownAt) = (row.GetBoolean(0), row.IsDBNull(1) ? (DateTime?)null : row.GetDateTime(1));

        await row.NextResultAsync(cancellationToken);
        var interruptions = new List<Interruption>();
        while (await row.ReadAsync(cancellationToken))
            interruptions.Add(new Interruption(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt32(4), row.GetDateTime(5)));
        return (known, lastDownAt, interruptions);
    }
}
