using System.Reflection;
using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Migrations.Running;
using Npgsql;
using NpgsqlTypes;

namespace DeepSight.Core.Migrations.Journal;

/// <summary>
/// Writes the journal. What belongs into a script's own transaction comes as batch commands, so that a script, its row and the commit
/// are one round trip.
/// </summary>
internal sealed class MigrationJournal(NpgsqlConnection connection, JournalTables tables, bool usesPaths, TimeProvider clock)
{
    private static readonly string ToolVersion =
        typeof(MigrationJournal).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    private long? versionId;

    public JournalTables Tables => tables;

    /// <summary>Name of the backup that was taken before this run; kept with each revision that deletes data.</summary>
    public string? Backup { get; set; }

    /// <summary>What this journal calls the script.</summary>
    public string NameOf(MigrationScript script) => usesPaths ? script.Path : script.FileName;

    /// <summary>A run's row in <c>version</c>, made when its first script runs: a run that does nothing leaves nothing.</summary>
    public async Task BeginRunAsync(string version, CancellationToken cancellationToken)
    {
        if (versionId is not null) return;

        await using var command = new NpgsqlCommand(
            $"""
            insert into {tables.Version} ({IdColumn("version")}repository_path, version, entry_date, modified_date, entered_by, status)
            values ({NextId("version", tables.Version)}'', left(@version, 50), @now, @now, left(current_user, 50), 'In Progress') returning id::bigint
            """, connection);
        command.Parameters.AddWithValue("version", version);
        command.Parameters.Add(Now());
        versionId = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public Task EndRunAsync(bool succeeded, CancellationToken cancellationToken) => versionId is null
        ? Task.CompletedTask
        : ExecuteAsync(new NpgsqlBatchCommand($"update {tables.Version} set status = @status, modified_date = @now where id = @id")
        {
            Parameters = { Text("status", succeeded ? "Finished" : "Error"), Now(), new NpgsqlParameter("id", versionId.Value) },
        }, cancellationToken);

    /// <summary>All that a finished script changes in the journal.</summary>
    /// <param name="logged">False where a note of its start stands in the log already.</param>
    public IEnumerable<NpgsqlBatchCommand> Rows(ScriptJob job, DateTimeOffset startedAt, bool logged = true)
    {
        yield return job.Undoes is null ? Ran(job.Script) : Undone(job.Undoes);
        if (logged && job.Revision is not null)
            yield return Logged(job.Revision.Id, NameOf(job.Journaled), job.Undoes is null ? LogAction.Up : LogAction.Down, startedAt, BackupFor(job));
    }

    /// <summary>The row of a script that ran.</summary>
    public NpgsqlBatchCommand Ran(MigrationScript script) => new(
        $"""
        insert into {tables.ScriptsRun} ({IdColumn("scriptsrun")}version_id, script_name, text_of_script, text_hash, one_time_script, entry_date, modified_date, entered_by)
        values ({NextId("scriptsrun", tables.ScriptsRun)}@version, @name, @text, @hash, @once, @now, @now, left(current_user, 50))
        """)
    {
        Parameters =
        {
            new NpgsqlParameter("version", NpgsqlDbType.Bigint) { Value = (object?)versionId ?? DBNull.Value },
            Text("name", NameOf(script)),
            Text("text", script.Text),
            Text("hash", script.Hash),
            new NpgsqlParameter("once", script.Runs is RunKind.Revision or RunKind.Once),
            Now(),
        },
    };

    /// <summary>Takes back every row of a script, under either tool's name for it.</summary>
    public NpgsqlBatchCommand Undone(MigrationScript script) => new($"delete from {tables.ScriptsRun} where script_name in (@path, @name)")
    {
        Parameters = { Text("path", script.Path), Text("name", script.FileName) },
    };

    /// <summary>Takes back rows of scripts that are in no file.</summary>
    public Task ForgetAsync(IReadOnlyCollection<JournalEntry> entries, CancellationToken cancellationToken) => ExecuteAsync(
        new NpgsqlBatchCommand($"delete from {tables.ScriptsRun} where script_name = any (@names)")
        {
            Parameters = { new NpgsqlParameter("names", entries.Select(entry => entry.ScriptName).ToArray()) },
        }, cancellationToken);

    public NpgsqlBatchCommand Renamed(string from, MigrationScript to) => new($"update {tables.ScriptsRun} set script_name = @to where script_name = @from")
    {
        Parameters = { Text("from", from), Text("to", NameOf(to)) },
    };

    /// <summary>What was done to a revision, for people who ask later.</summary>
    public NpgsqlBatchCommand Logged(string revision, string scriptName, string action, DateTimeOffset startedAt, string? backup = null)
    {
        var finishedAt = clock.GetUtcNow();
        return new NpgsqlBatchCommand(
            $"""
            insert into {tables.RevisionLog} (revision, script_name, action, state, started_at, finished_at, duration_ms, done_from, tool_version, backup)
            values (@revision, @script, @action, 'done', @started, @finished, @duration, @from, @tool, @backup)
            """)
        {
            Parameters =
            {
                Text("revision", revision), Text("script", scriptName), Text("action", action),
                new NpgsqlParameter("started", startedAt), new NpgsqlParameter("finished", finishedAt),
                new NpgsqlParameter("duration", (long)(finishedAt - startedAt).TotalMilliseconds), Text("from", Environment.MachineName), Text("tool", ToolVersion),
                Text("backup", backup),
            },
        };
    }

    /// <summary>Noted before a statement runs outside a transaction, so that a run that dies in it is known to the next.</summary>
    /// <returns>The note's id.</returns>
    public async Task<long> NoteStartAsync(ScriptJob job, string action, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            insert into {tables.RevisionLog} (revision, script_name, action, state, started_at, done_from, tool_version, backup, backend_pid, backend_start)
            select @revision, @script, @action, 'started', @started, @from, @tool, @backup, pid, backend_start from pg_stat_activity where pid = pg_backend_pid()
            returning id
            """, connection);
        command.Parameters.AddRange((NpgsqlParameter[])
        [
            Text("revision", job.LogName), Text("script", NameOf(job.Journaled)), Text("action", action),
            new NpgsqlParameter("started", clock.GetUtcNow()), Text("from", Environment.MachineName), Text("tool", ToolVersion),
            Text("backup", BackupFor(job)),
        ]);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public NpgsqlBatchCommand StartEnded(long logId) => new(
        $"update {tables.RevisionLog} set state = 'done', finished_at = @finished, duration_ms = extract(epoch from @finished - started_at) * 1000 where id = @id")
    {
        Parameters = { new NpgsqlParameter("finished", clock.GetUtcNow()), new NpgsqlParameter("id", logId) },
    };

    public NpgsqlBatchCommand StartForgotten(long logId) => new($"delete from {tables.RevisionLog} where id = @id")
    {
        Parameters = { new NpgsqlParameter("id", logId) },
    };

    /// <summary>A failure's row, after the script's transaction is gone.</summary>
    public Task FailedAsync(MigrationScript script, string statement, string error, string version, CancellationToken cancellationToken) => ExecuteAsync(new NpgsqlBatchCommand(
        $"""
        insert into {tables.ScriptsRunErrors} ({IdColumn("scriptsrunerrors")}repository_path, version, script_name, text_of_script, erroneous_part_of_script, error_message, entry_date, modified_date, entered_by)
        values ({NextId("scriptsrunerrors", tables.ScriptsRunErrors)}'', left(@version, 50), @name, @text, @part, @error, @now, @now, left(current_user, 50))
        """)
    {
        Parameters = { Text("version", version), Text("name", NameOf(script)), Text("text", script.Text), Text("part", statement), Text("error", error), Now() },
    }, cancellationToken);

    public async Task ExecuteAsync(NpgsqlBatchCommand command, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { command }, Timeout = 0 };
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    // Tables that RoundhousE's ORM created by itself have no sequence: it counted.
    private bool Counts(string table) => tables.Found[table].IdSequence is null;

    private string IdColumn(string table) => Counts(table) ? "id, " : "";

    private string NextId(string table, string quoted) => Counts(table) ? $"(select coalesce(max(id), 0) + 1 from {quoted}), " : "";

    private string? BackupFor(ScriptJob job) => job.Losses.Any() ? Backup : null;

    private static NpgsqlParameter Text(string name, string? value) => new(name, NpgsqlDbType.Text) { Value = (object?)value ?? DBNull.Value };

    /// <summary>UTC in a column without a zone, as grate writes it.</summary>
    private NpgsqlParameter Now() =>
        new("now", NpgsqlDbType.Timestamp) { Value = DateTime.SpecifyKind(clock.GetUtcNow().UtcDateTime, DateTimeKind.Unspecified) };
}

/// <summary>The latest row of a script in the journal.</summary>
/// <param name="ScriptName">A bare file name in RoundhousE's journals, a path below the folder in grate's.</param>
/// <param name="Hash">Null where the tool was told to keep none.</param>
/// <param name="At">RoundhousE wrote local time, grate and we write UTC; the column doesn't say which.</param>
public sealed record JournalEntry(string ScriptName, string? Hash, bool IsOneTime, DateTime At, string? By);

/// <summary>What <c>revision_log</c> calls what was done.</summary>
internal static class LogAction
{
    public const string Up = "up";
    public const string Down = "down";
    public const string Stamp = "stamp";
    public const string Unstamp = "unstamp";
    public const string Adopt = "adopt";
    public const string Rename = "rename";

    /// <summary>What <c>alembic_version</c> said when a stamp or an adoption took the database as it was.</summary>
    public const string Alembic = "alembic";
}

/// <summary>A script without a transaction that began and was never seen to end: the process died, or the connection did.</summary>
/// <param name="LogId">Its row in <c>revision_log</c>.</param>
/// <param name="BackendPid">The server process that ran it; with <paramref name="BackendStart"/>, the one and no other of that number.</param>
internal sealed record Interruption(long LogId, string Revision, string ScriptName, string Action, int BackendPid, DateTime BackendStart);
