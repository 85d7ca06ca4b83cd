using DeepSight.Core.Migrations;
using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Migrations.Journal;
using Npgsql;

namespace DeepSight.Core.Health;

/// <summary>What a probe asks of one connection: first what there is, then what it says.</summary>
internal sealed class HealthQuestions(NpgsqlConnection connection, string? journalSchema, TimeProvider clock)
{
    private const double Mebibyte = 1024 * 1024;

    public async Task<HealthReport> AskAsync(MigrationFiles files, CancellationToken cancellationToken)
    {
        var found = await WhatThereIsAsync(cancellationToken);
        var report = await WhatItSaysAsync(found, files, cancellationToken);
        return found.Problem is null ? report : report with { Migrations = MigrationHealth.Unknown(found.Problem) };
    }

    /// <summary>The first answer is the latency: what takes long, such as the size, comes in the second.</summary>
    private async Task<Findings> WhatThereIsAsync(CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                // pg_stat_database counts sessions that pg_stat_activity hides from ordinary roles.
                new NpgsqlBatchCommand(
                    """
                    select split_part(current_setting('server_version'), ' ', 1), current_setting('max_connections')::int,
                           (select sum(numbackends)::int from pg_stat_database)
                    """),
                JournalTables.FindCommand(journalSchema),
                AlembicVersions.FindCommand(),
            },
        };
        var asked = clock.GetTimestamp();
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        var latency = clock.GetElapsedTime(asked);
        await row.ReadAsync(cancellationToken);
        var database = new DatabaseHealth("healthy", Math.Round(latency.TotalMilliseconds, 1), $"PostgreSQL {row.GetString(0)}", null, row.GetInt32(2), row.GetInt32(1));

        try
        {
            await row.NextResultAsync(cancellationToken);
            var journal = await JournalTables.ReadAsync(row, journalSchema, cancellationToken);
            await row.NextResultAsync(cancellationToken);
            var alembic = await AlembicVersions.FindAsync(row, cancellationToken);
            return new Findings(database, journal, alembic, null);
        }
        catch (Exception e) when (e is DeepSightException or PostgresException)
        {
            // Two journals, of which neither is known to count; or one whose schema is closed to the role.
            return new Findings(database, null, null, Problem(e));
        }
    }

    private async Task<HealthReport> WhatItSaysAsync(Findings found, MigrationFiles files, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand("select pg_database_size(current_database())") } };
        if (found.Journal is { HasScriptsRun: true } journal) batch.BatchCommands.Add(JournalContent.ReadCommand(journal));
        if (found.Journal is { HasScriptsRun: true, HasRevisionLog: true }) batch.BatchCommands.Add(LogSummary.ReadCommand(found.Journal));
        if (found.Alembic is { } alembic) batch.BatchCommands.Add(AlembicVersions.ReadCommand(alembic));

        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var database = found.Database with { SizeMb = Math.Round(row.GetInt64(0) / Mebibyte, 1) };
        try
        {
            return new HealthReport(database, MigrationHealth.Of(await StateAsync(row, found, files, cancellationToken)));
        }
        catch (PostgresException e)
        {
            // The role may not look, or a table isn't what its name says. The database answers all the same.
            return new HealthReport(database, MigrationHealth.Unknown(Problem(e)));
        }
    }

    private static async Task<MigrationState> StateAsync(NpgsqlDataReader row, Findings found, MigrationFiles files, CancellationToken cancellationToken)
    {
        var hasJournal = found.Journal is { HasScriptsRun: true };
        var content = JournalContent.Empty;
        if (hasJournal)
        {
            await row.NextResultAsync(cancellationToken);
            content = await JournalContent.ReadAsync(row, cancellationToken);
        }

        LogSummary log = default;
        if (hasJournal && found.Journal!.HasRevisionLog)
        {
            await row.NextResultAsync(cancellationToken);
            log = await LogSummary.ReadAsync(row, cancellationToken);
        }

        IReadOnlyList<string> heads = [];
        if (found.Alembic is not null)
        {
            await row.NextResultAsync(cancellationToken);
            heads = await AlembicVersions.ReadAsync(row, cancellationToken);
        }

        return new MigrationState(files, content)
        {
            HasJournal = hasJournal,
            Alembic = heads,
            LastDownAt = log.LastDownAt,
            AlembicAtStamp = log.AlembicAtStamp,
        };
    }

    private static string Problem(Exception e) => e is PostgresException refusal ? $"the journal can't be read (SQLSTATE {refusal.SqlState})" : e.Message;

    /// <param name="Alembic">Its table, quoted.</param>
    /// <param name="Problem">Why the migrations can't be told.</param>
    private sealed record Findings(DatabaseHealth Database, JournalTables? Journal, string? Alembic, string? Problem);
}
