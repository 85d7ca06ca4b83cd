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
        var (log, interruptions) = await ReadLogAsync(connection, tables, cancellationToken);
        return new MigrationState(files, content)
        {
            HasJournal = tables.HasScriptsRun,
            IsKnown = log.IsKnown,
            LastDownAt = log.LastDownAt,
            AlembicAtStamp = log.AlembicAtStamp,
            Interruptions = interruptions,
            Hold = await MigrationHold.FindAsync(connection, cancellationToken),
            Alembic = await AlembicVersions.ReadAsync(connection, cancellationToken),
        };
    }

    private static async Task<(LogSummary Log, IReadOnlyList<Interruption> Interruptions)> ReadLogAsync(
        NpgsqlConnection connection, JournalTables tables, CancellationToken cancellationToken)
    {
        if (!tables.HasRevisionLog) return (default, []);

        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                LogSummary.ReadCommand(tables),
                new NpgsqlBatchCommand($"select id, revision, script_name, action, backend_pid, backend_start from {tables.RevisionLog} where state = 'started' order by id"),
            },
        };
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        var log = await LogSummary.ReadAsync(row, cancellationToken);

        await row.NextResultAsync(cancellationToken);
        var interruptions = new List<Interruption>();
        while (await row.ReadAsync(cancellationToken))
            interruptions.Add(new Interruption(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt32(4), row.GetDateTime(5)));
        return (log, interruptions);
    }
}

/// <summary>What <c>revision_log</c> says as a whole.</summary>
/// <param name="AlembicAtStamp">Null when there was nothing of Alembic's.</param>
internal readonly record struct LogSummary(bool IsKnown, DateTime? LastDownAt, string? AlembicAtStamp)
{
    /// <summary>What <see cref="ReadAsync"/> reads the answer of.</summary>
    public static NpgsqlBatchCommand ReadCommand(JournalTables tables) => new(
        $"""
        select count(*) > 0, max(finished_at) filter (where action = '{LogAction.Down}') at time zone 'UTC',
               (array_agg(revision order by id desc) filter (where action = '{LogAction.Alembic}'))[1]
          from {tables.RevisionLog}
        """);

    public static async Task<LogSummary> ReadAsync(NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        await row.ReadAsync(cancellationToken);
        return new LogSummary(row.GetBoolean(0), row.IsDBNull(1) ? null : row.GetDateTime(1), row.IsDBNull(2) ? null : row.GetString(2));
    }
}
