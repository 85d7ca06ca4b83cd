using DeepSight.Core.Migrations.Journal;
using Npgsql;

namespace DeepSight.Core.Migrations.Running;

/// <summary>Settles what earlier runs left open: statements outside a transaction whose process died before the journal heard of them.</summary>
internal sealed class InterruptedRuns(MigrationSession session, MigrationSettings settings, IProgress<MigrationStep>? progress, TimeProvider clock)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    /// <returns>Whether the journal was changed.</returns>
    public async Task<bool> SettleAsync(CancellationToken cancellationToken)
    {
        var leftovers = new ConcurrentLeftovers(session, progress);
        foreach (var interruption in session.State.Interruptions)
        {
            await WaitForBackendAsync(interruption, cancellationToken);
            var job = JobOf(interruption);
            if (job is not null && session.StatementsOf(job.Script) is [var only] && await leftovers.IsDoneAsync(only, cancellationToken))
            {
                await session.FinishNotedAsync(job, interruption.LogId, clock.GetUtcNow(), cancellationToken);
                session.Notes.Add($"{job.Script.Display} was cut off after its work was done; the journal has it now.");
                continue;
            }

            // What it left half done is dropped right before it runs again.
            await session.Journal.ExecuteAsync(session.Journal.StartForgotten(interruption.LogId), cancellationToken);
            if (job is not null && session.StatementsOf(job.Script) is [var again]) await leftovers.DropInvalidAsync(job.Script, again, cancellationToken);
            session.Unfinished.Add(job?.Script.Display ?? interruption.ScriptName);
        }

        return session.State.Interruptions.Count > 0;
    }

    private ScriptJob? JobOf(Interruption interruption)
    {
        var files = session.State.Files;
        if (files.Graph.Find(interruption.Revision) is not { } revision)
            return files.Scripts.FirstOrDefault(script => script.Path == interruption.Revision) is { } other ? new ScriptJob(other, null) : null;
        if (interruption.Action == LogAction.Up) return new ScriptJob(files.Up(revision), revision);
        return files.Down(revision) is { } down ? new ScriptJob(down, revision, files.Up(revision)) : null;
    }

    /// <summary>A server process outlives its client until it next writes to it: an index may still be being built.</summary>
    private async Task WaitForBackendAsync(Interruption interruption, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        for (var reported = false; await IsAliveAsync(interruption, cancellationToken); reported = true)
        {
            if (!reported)
                progress?.Report(new MigrationStep(StepKind.Waiting, interruption.ScriptName, $"the server process {interruption.BackendPid}, which an interrupted run left at work"));
            if (clock.GetElapsedTime(began) >= TimeSpan.FromMinutes(settings.WaitMinutes))
                throw new DeepSightException(FailureKind.Busy,
                    $"The server process {interruption.BackendPid} still works on {interruption.ScriptName} for a run that is gone.",
                    $"wait for it, or end it with: select pg_terminate_backend({interruption.BackendPid});");
            await Task.Delay(PollInterval, clock, cancellationToken);
        }
    }

    private async Task<bool> IsAliveAsync(Interruption interruption, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "select exists (select from pg_stat_activity where pid = @pid and backend_start = @start)", session.Connection);
        command.Parameters.AddWithValue("pid", interruption.BackendPid);
        command.Parameters.AddWithValue("start", interruption.BackendStart);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
