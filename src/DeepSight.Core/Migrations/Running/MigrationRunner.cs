using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Migrations.Graph;
using DeepSight.Core.Migrations.Journal;
using DeepSight.Core.Postgres;
using Npgsql;

namespace DeepSight.Core.Migrations.Running;

/// <summary>Moves a database along its history: up and down, one run at a time, each revision whole or not at all.</summary>
public sealed class MigrationRunner(MigrationSettings settings, TimeProvider clock)
{
    /// <summary>Applies what the target needs; at the head also the scripts of the other folders.</summary>
    /// <exception cref="DeepSightException">A guard, a target or a script stopped it; what ran before stays, each script whole.</exception>
    public async Task<MigrationResult> UpAsync(
        DatabaseUrl database, UpRequest request, IProgress<MigrationStep>? progress, CancellationToken cancellationToken)
    {
        var files = await MigrationSources.LoadAsync(settings, database, cancellationToken);
        await using var session = await MigrationSession.OpenAsync(
            database, files, settings, request.Under, progress, clock, cancellationToken);
        MigrationGuards.Check(session.State, request.AllowDrift);
        if (request.Automatic) AutomaticMigration.ThrowIfRefused(session.State);

        // Checked before anything runs: a target that doesn't exist, a script that can't be run as it is marked.
        var plan = Checked(session, MigrationPlan.Up(session.State, request.Target, session.IsNew));
        if (request.DryRun) return Foretell(session, plan);
        MigrationGuards.RefuseDataLoss(LossesOf(session, plan), request);

        await session.OpenJournalAsync(cancellationToken);
        await AcceptRenamesAsync(session, cancellationToken);
        if (await new InterruptedRuns(session, settings, progress, clock).SettleAsync(cancellationToken) || session.State.Renamed.Count > 0)
        {
            await session.RefreshAsync(cancellationToken);
            plan = MigrationPlan.Up(session.State, request.Target, session.IsNew);
        }

        if (request.Backup is { } backUp && (request.BackupFirst ? plan.Count > 0 : LossesOf(session, plan).Count > 0))
            session.Journal.Backup = await backUp(session.Lock, cancellationToken);
        var result = await RunAsync(session, plan, progress, cancellationToken);
        await MigrationHold.ClearAsync(session.Connection, cancellationToken);
        return result;
    }

    /// <summary>Undoes what follows the target. Automatic migration is held from then on, until an explicit up.</summary>
    /// <exception cref="DeepSightException">A revision can't be undone (then nothing is), or a guard, a target or a script stopped it.</exception>
    public async Task<MigrationResult> DownAsync(
        DatabaseUrl database, DownRequest request, IProgress<MigrationStep>? progress, CancellationToken cancellationToken)
    {
        // From the URL alone: a production that isn't confirmed is not even contacted.
        if (!request.Confirmed && !request.DryRun && ProductionHosts.Match(database, request.ProductionHosts) is { } pattern)
            throw new DeepSightException(FailureKind.Refused,
                $"'{database.Display}' is production (it matches {pattern}), and a down takes away what is there. It was not contacted.",
                "--confirm goes on; --dry-run shows what would be undone.");

        var files = await MigrationSources.LoadAsync(settings, database, cancellationToken);
        await using var session = await MigrationSession.OpenAsync(database, files, settings, null, progress, clock, cancellationToken);
        MigrationGuards.Check(session.State, request.AllowDrift);
        var plan = Checked(session, MigrationPlan.Down(session.State, request.Target));
        if (request.DryRun)
        {
            session.Notes.AddRange(await DeletedData.NotesAsync(session, plan, cancellationToken));
            return Foretell(session, plan);
        }

        await session.OpenJournalAsync(cancellationToken);
        if (await new InterruptedRuns(session, settings, progress, clock).SettleAsync(cancellationToken))
        {
            await session.RefreshAsync(cancellationToken);
            plan = MigrationPlan.Down(session.State, request.Target);
        }

        session.Notes.AddRange(await DeletedData.NotesAsync(session, plan, cancellationToken));
        // Before the first one goes: a run that dies half-way must be held as well.
        if (plan.Count > 0) await MigrationHold.SetAsync(session.Connection, $"a down to {request.Target}", cancellationToken);
        return await RunAsync(session, plan, progress, cancellationToken);
    }

    private async Task<MigrationResult> RunAsync(
        MigrationSession session, IReadOnlyList<ScriptJob> plan, IProgress<MigrationStep>? progress, CancellationToken cancellationToken)
    {
        var runner = new ScriptRunner(session, settings, progress, clock);
        var (before, losses) = (session.State.CurrentRevision, LossesOf(session, plan));
        var done = new List<ScriptRun>();
        if (plan.Count > 0) await session.Journal.BeginRunAsync(After(session.State, plan) ?? "base", cancellationToken);
        if (plan.Any(job => job.Script.Folder == ScriptFolder.AlterDatabase)) await session.ConnectToMaintenanceAsync(cancellationToken);

        try
        {
            foreach (var job in plan) done.Add(await runner.RunAsync(job, cancellationToken));
        }
        catch (Exception e)
        {
            await EndFailedRunAsync(session);
            // A log or --json shows the failure alone.
            var ran = $"Ran before it and stays: {string.Join(", ", done.Select(run => run.Script))}.";
            if (done.Count > 0 && e is DeepSightException failure)
                throw new DeepSightException(failure.Kind, $"{failure.Message}\n{ran}", failure.Hint, failure);
            if (done.Count > 0 && e is OperationCanceledException)
                throw new CancelledMidwayException(e is CancelledMidwayException ? $"{e.Message} {ran}" : ran, e, cancellationToken);
            throw;
        }

        await session.Journal.EndRunAsync(succeeded: true, CancellationToken.None);
        return new MigrationResult(done, before, After(session.State, plan), DryRun: false)
        {
            Notes = Notes(session, plan),
            Losses = losses,
        };
    }

    /// <summary>Whatever goes wrong here comes second: what the caller is told is why the run failed.</summary>
    private static async Task EndFailedRunAsync(MigrationSession session)
    {
        if (session.Connection.State != System.Data.ConnectionState.Open) return;
        try
        {
            await MigrationSession.ResetAsync(session.Connection, CancellationToken.None);
            await session.Journal.EndRunAsync(succeeded: false, CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // The row still says In Progress, as that of a lost connection does and as grate leaves it too.
        }
    }

    private static MigrationResult Foretell(MigrationSession session, IReadOnlyList<ScriptJob> plan) => new(
        [.. plan.Select(job => new ScriptRun(job.Script.Display, job.Revision?.Id, TimeSpan.Zero))],
        session.State.CurrentRevision, After(session.State, plan), DryRun: true)
    {
        Notes = [.. Notes(session, plan), .. session.State.HasJournal ? [] : (string[])[JournalBegins(session)],
            .. session.State.Interrupted.Select(revision => $"{revision} was cut off in an earlier run; a run would settle it first.")],
        Losses = LossesOf(session, plan),
    };

    private static IReadOnlyList<string> LossesOf(MigrationSession session, IReadOnlyList<ScriptJob> plan) =>
        session.IsNew ? [] : [.. plan.SelectMany(job => job.Losses)];

    private static string JournalBegins(MigrationSession session) =>
        $"There is no journal yet: a run begins it in the schema '{session.Tables.Schema}'; grate finds it with --schema={session.Tables.Schema}.";

    private static string? After(MigrationState state, IReadOnlyList<ScriptJob> plan)
    {
        var applied = state.Applied.ToHashSet();
        foreach (var job in plan.Where(job => job.Revision is not null))
            if (job.Undoes is null) applied.Add(job.Revision!);
            else applied.Remove(job.Revision!);

        return applied.Count == 0 ? null : string.Join(",", state.Graph.Tips(applied).Select(tip => tip.Id));
    }

    private static IReadOnlyList<string> Notes(MigrationSession session, IReadOnlyList<ScriptJob> plan) =>
    [
        .. session.Notes,
        .. session.State.OutOfOrder.Select(revision => $"up/{revision.File} came late: something applied already follows it."),
        .. session.State.Drift.Select(drift => $"{drift} (allowed)."),
        .. session.Unfinished.Select(cut => plan.Any(job => job.Script.Display == cut)
            ? $"{cut} was cut off in an earlier run; it ran anew." : $"{cut} was cut off in an earlier run and is not done."),
        .. session.State.Files.Ignored.Select(file => $"{file} is hidden, and no migration."),
        .. plan.Where(job => job is { Undoes: null, Revision.IsMerge: false } && session.StatementsOf(job.Script).Count == 0)
            .Select(job => $"{job.Script.Display} holds no statement: it counts as applied, and what is written into it later won't run here."),
        .. plan.Where(job => job.Undoes is { } undone && session.StatementsOf(undone).Count > 0 && session.StatementsOf(job.Script).Count == 0)
            .Select(job => $"{job.Script.Display} holds no statement: what {job.Undoes!.Display} made is still there."),
    ];

    private static IReadOnlyList<ScriptJob> Checked(MigrationSession session, IReadOnlyList<ScriptJob> plan)
    {
        foreach (var job in plan) ScriptRules.Check(job.Script, session.StandardStrings);
        return plan;
    }

    private static async Task AcceptRenamesAsync(MigrationSession session, CancellationToken cancellationToken)
    {
        foreach (var (entry, revision) in session.State.Renamed)
        {
            var script = session.State.Files.Up(revision);
            await session.Journal.ExecuteAsync(session.Journal.Renamed(entry.ScriptName, script), cancellationToken);
            session.Notes.Add($"{script.Display} was applied as {entry.ScriptName}; the journal has the new name now.");
        }
    }
}
