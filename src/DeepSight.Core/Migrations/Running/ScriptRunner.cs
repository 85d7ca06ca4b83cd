using System.Data;
using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Migrations.Journal;
using Npgsql;

namespace DeepSight.Core.Migrations.Running;

/// <summary>Runs one script: all of it together with its row in the journal, or nothing.</summary>
internal sealed class ScriptRunner(MigrationSession session, MigrationSettings settings, IProgress<MigrationStep>? progress, TimeProvider clock)
{
    /// <summary>Sent together in one round trip; more would only hold memory.</summary>
    private const int BatchStatements = 200;

    private const int BatchCharacters = 1 << 18;

    /// <summary>So young an answer about the lock is as good as one that is asked for once more.</summary>
    private static readonly TimeSpan FreshEnough = TimeSpan.FromSeconds(1);

    private readonly LockRetries retries = new(settings, progress, clock);
    private readonly ConcurrentLeftovers leftovers = new(session, progress);
    private long? lockSeenAt;

    /// <exception cref="DeepSightException">It failed; says where in the file, and what was kept.</exception>
    public async Task<ScriptRun> RunAsync(ScriptJob job, CancellationToken cancellationToken)
    {
        var statements = ScriptRules.Check(job.Script, session.StandardStrings);
        var began = clock.GetTimestamp();
        progress?.Report(new MigrationStep(StepKind.Running, job.Script.Display));
        var connection = session.ConnectionFor(job.Script);
        connection.Notice += Tell;
        try
        {
            await using var waits = new LockWaits(session.Database, settings, progress, clock);
            await retries.RunAsync(job.Script, waits, () => job.Script.InTransaction
                ? InTransactionAsync(job, statements, waits, cancellationToken)
                : OnItsOwnAsync(job, statements, waits, cancellationToken), cancellationToken);
        }
        finally
        {
            connection.Notice -= Tell;
        }

        var elapsed = clock.GetElapsedTime(began);
        progress?.Report(new MigrationStep(StepKind.Done, job.Script.Display, null, elapsed));
        return new ScriptRun(job.Script.Display, job.Revision?.Id, elapsed);

        void Tell(object? sender, NpgsqlNoticeEventArgs said) => Report(job.Script, said.Notice);
    }

    /// <summary>Warnings stand in the result as well: a run that nobody watches keeps them.</summary>
    private void Report(MigrationScript script, PostgresNotice notice)
    {
        var parts = new[] { notice.MessageText, notice.Detail, notice.Hint }.Where(part => !string.IsNullOrEmpty(part));
        var text = string.Join(": ", parts).ReplaceLineEndings(" / ");
        var warns = notice.InvariantSeverity == "WARNING";
        progress?.Report(new MigrationStep(warns ? StepKind.Warning : StepKind.Notice, script.Display, text));
        var note = $"{script.Display}: {text}";
        if (warns && !session.Notes.Contains(note)) session.Notes.Add(note);
    }

    private async Task InTransactionAsync(
        ScriptJob job, IReadOnlyList<MigrationStatement> statements, LockWaits waits, CancellationToken cancellationToken)
    {
        var connection = session.ConnectionFor(job.Script);
        var startedAt = clock.GetUtcNow();
        MigrationStatement? at = null;
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            // Each round trip counts where a history has hundreds of scripts: the settings go with the first statements, the commit
            // with the journal's rows, and the question about the lock while the server is busy with the last statements.
            var prelude = session.FreshSettings(local: true);
            var chunks = Chunks(statements).ToList();
            foreach (var chunk in chunks)
            {
                at = chunk[0];
                var sent = SendAsync(connection, prelude, chunk, job.Script, waits, cancellationToken);
                await Task.WhenAll(sent, chunk == chunks[^1] ? EnsureLockedAsync(cancellationToken) : Task.CompletedTask);
                prelude = [];
            }

            at = null;
            await EnsureLockedAsync(cancellationToken);
            if (connection == session.Connection)
            {
                await WriteAsync(job, startedAt, commit: true, cancellationToken);
                return;
            }

            await transaction.CommitAsync(cancellationToken);
            await MigrationSession.ResetAsync(connection, cancellationToken);
            await WriteAsync(job, startedAt, commit: false, cancellationToken);
        }
        catch (PostgresException e) when (IsOpen(connection) && !LockRetries.IsWorthwhile(e))
        {
            throw await FailAsync(job, e, StatementOf(e, statements) ?? at, "Nothing of it was kept, and what ran before it stays", cancellationToken);
        }
        catch (NpgsqlException e) when (!IsOpen(connection))
        {
            throw Lost(job, e, "Nothing of it was kept");
        }
    }

    /// <summary>
    /// Noted first, run, then journaled: whenever it is cut off, the note tells the next run, and the database itself how far it came.
    /// </summary>
    private async Task OnItsOwnAsync(
        ScriptJob job, IReadOnlyList<MigrationStatement> statements, LockWaits waits, CancellationToken cancellationToken)
    {
        var connection = session.ConnectionFor(job.Script);
        var startedAt = clock.GetUtcNow();
        var action = job.Undoes is null ? LogAction.Up : LogAction.Down;
        if (statements is [var only])
        {
            await leftovers.DropInvalidAsync(job.Script, only, cancellationToken);
            var sent = await leftovers.ResumeAsync(job.Script, only, cancellationToken);
            var note = await session.Journal.NoteStartAsync(job, action, cancellationToken);
            var patient = new StatementWords(sent.Text).Contains("concurrently");
            await SetAsync(connection, session.FreshSettings(local: false, patient), cancellationToken);
            try
            {
                await SendAsync(connection, [], [sent], job.Script, waits, cancellationToken);
            }
            catch (Exception e) when (e is PostgresException or OperationCanceledException && IsOpen(connection))
            {
                // It failed, was cancelled or gave way: what it left goes now. If even that is cut off, the note remains.
                await leftovers.DropInvalidAsync(job.Script, only, CancellationToken.None);
                await session.Journal.ExecuteAsync(session.Journal.StartForgotten(note), CancellationToken.None);
                var isPending = await leftovers.IsDetachPendingAsync(only, CancellationToken.None);
                var kept = isPending ? "The partition is half detached, and the next run finishes that" : "What it left behind was removed";
                if (e is PostgresException error && !LockRetries.IsWorthwhile(error))
                    throw await FailAsync(job, error, only, kept, cancellationToken);
                if (isPending && e is OperationCanceledException)
                    throw new CancelledMidwayException($"{job.Script.Display}: {kept}.", e, cancellationToken);
                throw;
            }
            catch (NpgsqlException e)
            {
                throw Lost(job, e, "It may be half done: the next run finds out and finishes it");
            }

            await session.FinishNotedAsync(job, note, startedAt, cancellationToken);
            return;
        }

        await WriteAsync(job, startedAt, commit: false, cancellationToken);
    }

    /// <summary>Asks where the last answer, of this script or the one before, isn't fresh any more.</summary>
    private async Task EnsureLockedAsync(CancellationToken cancellationToken)
    {
        if (lockSeenAt is { } seen && clock.GetElapsedTime(seen) <= FreshEnough) return;

        var asked = clock.GetTimestamp();
        await session.Lock.EnsureStillHeldAsync(cancellationToken);
        lockSeenAt = asked;
    }

    /// <param name="commit">Ends the transaction that is open, in the same round trip.</param>
    private async Task WriteAsync(ScriptJob job, DateTimeOffset startedAt, bool commit, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(session.Connection) { Timeout = 0 };
        // The script may have SET ROLE to one that has no business in the journal.
        batch.BatchCommands.Add(new NpgsqlBatchCommand("reset session authorization"));
        foreach (var row in session.Journal.Rows(job, startedAt)) batch.BatchCommands.Add(row);
        if (commit)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
            foreach (var reset in MigrationSession.ResetSettings()) batch.BatchCommands.Add(reset);
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>On its own: what runs outside a transaction can't share a round trip.</summary>
    private static async Task SetAsync(NpgsqlConnection connection, IEnumerable<NpgsqlBatchCommand> settings, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var command in settings) batch.BatchCommands.Add(command);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task SendAsync(NpgsqlConnection connection, IEnumerable<NpgsqlBatchCommand> settings, IReadOnlyList<MigrationStatement> statements,
        MigrationScript script, LockWaits waits, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = 0 };
        foreach (var command in settings) batch.BatchCommands.Add(command);
        foreach (var statement in statements) batch.BatchCommands.Add(new NpgsqlBatchCommand(statement.Text));
        var backendPid = connection.ProcessID;
        await waits.OverAsync(batch.ExecuteNonQueryAsync(cancellationToken), backendPid, script.Display, cancellationToken);
    }

    private static bool IsOpen(NpgsqlConnection connection) => connection.FullState.HasFlag(ConnectionState.Open);

    private static IEnumerable<IReadOnlyList<MigrationStatement>> Chunks(IReadOnlyList<MigrationStatement> statements)
    {
        var chunk = new List<MigrationStatement>();
        var characters = 0;
        foreach (var statement in statements)
        {
            chunk.Add(statement);
            characters += statement.Text.Length;
            if (chunk.Count < BatchStatements && characters < BatchCharacters) continue;

            yield return chunk;
            (chunk, characters) = ([], 0);
        }

        if (chunk.Count > 0) yield return chunk;
    }

    private static MigrationStatement? StatementOf(PostgresException error, IReadOnlyList<MigrationStatement> statements) =>
        statements.FirstOrDefault(statement => ReferenceEquals(statement.Text, error.BatchCommand?.CommandText));

    private async Task<DeepSightException> FailAsync(
        ScriptJob job, PostgresException error, MigrationStatement? statement, string kept, CancellationToken cancellationToken)
    {
        try
        {
            await session.Journal.FailedAsync(job.Script, statement?.Text ?? "", error.MessageText, job.LogName, cancellationToken);
        }
        catch (NpgsqlException e)
        {
            // The script's own error is what counts; that it couldn't be written down comes second.
            kept += $". It is not in the journal's table of errors: {e.Message.Split('\n')[0].TrimEnd('.')}";
        }

        return StatementError.Explain(error, job.Script, statement, kept);
    }

    private DeepSightException Lost(ScriptJob job, NpgsqlException cause, string kept) => new(FailureKind.Failed,
        $"The connection to '{session.Database.Display}' was lost while {job.Script.Display} ran: {cause.Message.Split('\n')[0].TrimEnd('.')}.",
        $"{kept}. Run it again.", cause);
}
