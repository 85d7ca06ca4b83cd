using DeepSight.Core.Migrations.Graph;
using DeepSight.Core.Migrations.Journal;
using DeepSight.Core.Postgres;

namespace DeepSight.Core.Migrations.Running;

/// <summary>Changes what the journal says without running anything.</summary>
public sealed class MigrationStamp(MigrationSettings settings, TimeProvider clock)
{
    /// <summary>Makes these revisions, and all they need, count as applied; the journal gets the files' present texts.</summary>
    /// <exception cref="DeepSightException">A target is unknown or ambiguous.</exception>
    public async Task<StampResult> StampAsync(
        DatabaseUrl database, StampRequest request, IProgress<MigrationStep>? progress, CancellationToken cancellationToken)
    {
        var files = await MigrationSources.LoadAsync(settings, database, cancellationToken);
        await using var session = await MigrationSession.OpenAsync(database, files, settings, null, progress, clock, cancellationToken);
        var applied = request.Purge ? [] : session.State.Journaled;
        return await ApplyAsync(session, new StampPlanner(files.Graph).Plan(applied, request.Targets), LogAction.Stamp, request, cancellationToken);
    }

    /// <summary>Takes over a database of Alembic's: what its <c>alembic_version</c> says counts as applied here. Its table stays as it is.</summary>
    /// <param name="map">Our revision for each of Alembic's; those not in it have the same name here.</param>
    /// <exception cref="DeepSightException">There is nothing of Alembic's, or a revision of it is unknown here; or it was taken over before.</exception>
    public async Task<StampResult> AdoptAlembicAsync(
        DatabaseUrl database, IReadOnlyDictionary<string, string> map, bool dryRun, IProgress<MigrationStep>? progress,
        CancellationToken cancellationToken)
    {
        var files = await MigrationSources.LoadAsync(settings, database, cancellationToken);
        await using var session = await MigrationSession.OpenAsync(database, files, settings, null, progress, clock, cancellationToken);
        if (session.State.Alembic.Count == 0)
            throw new DeepSightException(FailureKind.NothingToDo, $"'{database.Display}' has no alembic_version, or nothing in it.", "`deepsight migrate up` begins a history; `stamp` names what is applied.");
        if (session.State.Journaled.Count > 0)
            throw new DeepSightException(FailureKind.Refused, $"'{database.Display}' has a journal of its own, which stands at {session.State.CurrentRevision}.", "`deepsight migrate stamp` corrects it.");

        var adopted = session.State.Alembic.Select(version => Ours(files.Graph, version, map)).ToList();
        return await ApplyAsync(session, files.Graph.Needs(adopted), LogAction.Adopt, new StampRequest([]) { DryRun = dryRun }, cancellationToken);
    }

    private static Revision Ours(RevisionGraph graph, string version, IReadOnlyDictionary<string, string> map) =>
        graph.Find(map.GetValueOrDefault(version, version)) ?? throw new DeepSightException(FailureKind.InvalidInput,
            map.TryGetValue(version, out var mapped) ? $"Alembic's {version} is mapped to '{mapped}', which is no revision here." : $"Alembic's {version} is no revision here.",
            "give a file with --map in which each line is `alembic-revision our-revision`.");

    private static async Task<StampResult> ApplyAsync(
        MigrationSession session, IReadOnlyCollection<Revision> target, string action, StampRequest request, CancellationToken cancellationToken)
    {
        var state = session.State;
        var added = state.Graph.InOrder(target.Except(state.Journaled)).ToList();
        var removed = state.Graph.InOrder(state.Journaled.Except(target)).ToList();
        var renewed = state.Changed.Where(target.Contains).ToList();
        var result = new StampResult(Ids(added), Ids(removed), Ids(renewed), state.CurrentRevision, target.Count == 0 ? null : string.Join(",", Ids(state.Graph.Tips(target))), request.DryRun);
        if (request.DryRun) return result;

        await session.OpenJournalAsync(cancellationToken);
        await session.Lock.EnsureStillHeldAsync(cancellationToken);
        await using var transaction = await session.Connection.BeginTransactionAsync(cancellationToken);
        await session.Journal.BeginRunAsync(result.After ?? "base", cancellationToken);
        if (request.Purge) await session.Journal.ForgetAsync([.. state.Unknown, .. state.Renamed.Select(pair => pair.Entry)], cancellationToken);
        foreach (var revision in removed.Concat(renewed)) await session.Journal.ExecuteAsync(session.Journal.Undone(state.Files.Up(revision)), cancellationToken);
        foreach (var revision in added.Concat(renewed)) await session.Journal.ExecuteAsync(session.Journal.Ran(state.Files.Up(revision)), cancellationToken);
        foreach (var revision in removed) await LogAsync(session, revision, LogAction.Unstamp, cancellationToken);
        foreach (var revision in added.Concat(renewed)) await LogAsync(session, revision, action, cancellationToken);
        if (state.Alembic.Count > 0)
            await session.Journal.ExecuteAsync(
                session.Journal.Logged(
                    MigrationState.Join(state.Alembic)!, "alembic_version", LogAction.Alembic, session.Clock.GetUtcNow()), cancellationToken);
        foreach (var settled in state.Interruptions) await session.Journal.ExecuteAsync(session.Journal.StartForgotten(settled.LogId), cancellationToken);
        // What counts as not applied any more would come back by itself, over a schema that still has it.
        if (removed.Count > 0) await MigrationHold.SetAsync(session.Connection, $"a stamp to {result.After ?? "base"}", cancellationToken);
        await session.Journal.EndRunAsync(succeeded: true, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return result;
    }

    private static Task LogAsync(MigrationSession session, Revision revision, string action, CancellationToken cancellationToken) =>
        session.Journal.ExecuteAsync(
            session.Journal.Logged(revision.Id, session.Journal.NameOf(session.State.Files.Up(revision)), action, session.Clock.GetUtcNow()), cancellationToken);

    private static IReadOnlyList<string> Ids(IEnumerable<Revision> revisions) => [.. revisions.Select(revision => revision.Id)];
}

/// <summary>What <c>migrate stamp</c> is asked to do: say what counts as applied, and run nothing.</summary>
/// <param name="Targets"><c>heads</c>, <c>base</c>, revisions.</param>
public sealed record StampRequest(IReadOnlyList<string> Targets)
{
    /// <summary>Forget first what the journal says of revisions, those in no file included.</summary>
    public bool Purge { get; init; }

    public bool DryRun { get; init; }
}

/// <summary>What a stamp changed.</summary>
/// <param name="Added">Count as applied now.</param>
/// <param name="Removed">Count as applied no more.</param>
/// <param name="Renewed">Counted already; the journal has the text of their files now.</param>
public sealed record StampResult(IReadOnlyList<string> Added, IReadOnlyList<string> Removed, IReadOnlyList<string> Renewed,
    string? Before, string? After, bool DryRun);
