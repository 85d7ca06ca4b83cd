using System.Globalization;
using DeepSight.Core.Migrations.Authoring;
using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Migrations.Graph;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;

namespace DeepSight.Core.Migrations.Importing;

/// <summary>
/// Turns a history of Alembic's into files of ours. The user's own Alembic goes up it and down again, a revision at a time, in a scratch
/// database; what it sends is recorded and run in a second one, which must have the same schema after every step.
/// </summary>
public sealed class AlembicImport(MigrationSettings settings, PostgresClients clients, TimeProvider clock)
{
    private const int LeastDigits = 4;

    /// <param name="server">Where the scratch databases are made.</param>
    /// <exception cref="DeepSightException">
    /// The migrations folder holds something, Alembic or a revision fails, or what was recorded gives another schema. Nothing was written.
    /// </exception>
    public async Task<ImportedHistory> RunAsync(
        AlembicSource source, DatabaseUrl server, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var root = Path.GetFullPath(settings.Directory);
        if (Directory.Exists(root) && Directory.EnumerateFileSystemEntries(root).Any())
            throw new DeepSightException(FailureKind.Refused, $"'{root}' is not empty. Nothing was written.",
                "let MIGRATIONS_DIR name a new folder.");

        progress?.Report("reading Alembic's revisions");
        await using var recorder = await AlembicRecorder.StartAsync(source, server, cancellationToken);
        var revisions = InOrder(recorder.History);
        var proof = await ImportProof.StartAsync(recorder, server, clients, clock, cancellationToken);
        try
        {
            foreach (var (revision, number) in revisions.Select((revision, i) => (revision, i + 1)))
            {
                progress?.Report($"up {number} of {revisions.Count}: {revision.Of.Revision}");
                var (way, error) = await proof.RunAsync(up: true, revision.Of, cancellationToken);
                revision.Up = way ?? throw new DeepSightException(FailureKind.Failed,
                    $"Alembic's upgrade of {revision.Of.Revision} ({revision.Of.File}) failed: {error}. Nothing was written.",
                    "mend the revision or install what it misses, so that `alembic upgrade head` works on an empty database.");
            }

            for (var i = revisions.Count - 1; i >= 0; i--)
            {
                progress?.Report($"down {revisions.Count - i} of {revisions.Count}: {revisions[i].Of.Revision}");
                (revisions[i].Down, revisions[i].Irreversible) = await proof.RunAsync(up: false, revisions[i].Of, cancellationToken);
                if (revisions[i].Down is not null || i == 0) continue;

                // What lies below it can't be reached this way: new databases, which go up to there.
                await proof.DisposeAsync();
                proof = await ImportProof.StartAsync(recorder, server, clients, clock, cancellationToken);
                foreach (var below in revisions.Take(i)) await proof.RepeatAsync(below, cancellationToken);
            }

            return await WriteAsync(root, revisions, cancellationToken);
        }
        finally
        {
            await proof.DisposeAsync();
        }
    }

    /// <summary>As <c>upgrade heads</c> runs them.</summary>
    private static List<ImportedRevision> InOrder(IReadOnlyList<AlembicRevision> history)
    {
        if (history.Count == 0)
            throw new DeepSightException(FailureKind.NothingToDo, "Alembic has no revisions there: nothing was written.",
                "`deepsight migrate new` begins a history.");
        try
        {
            var graph = RevisionGraph.Build([.. history.OrderBy(one => one.File, StringComparer.Ordinal)
                .Select(one => new Revision
                {
                    Id = one.Revision,
                    File = one.File,
                    DownRevisions = one.DownRevisions,
                    DependsOn = one.DependsOn,
                    Labels = one.Labels,
                })]);
            var byId = history.ToDictionary(one => one.Revision, StringComparer.Ordinal);
            return [.. new UpgradePlanner(graph).Plan([], "heads").Select(revision => new ImportedRevision(byId[revision.Id]))];
        }
        catch (DeepSightException e)
        {
            throw new DeepSightException(e.Kind, e.Message.Replace("up/", "", StringComparison.Ordinal),
                "mend `revision`, `down_revision`, `branch_labels` and `depends_on` of the files named.", e);
        }
    }

    private static async Task<ImportedHistory> WriteAsync(string root, List<ImportedRevision> revisions, CancellationToken cancellationToken)
    {
        var count = revisions.Sum(revision => revision.Count);
        var width = Math.Max(LeastDigits, count.ToString(CultureInfo.InvariantCulture).Length);
        var files = new List<(Revision Revision, string Up, string? Down)>();
        foreach (var revision in revisions) files.AddRange(revision.Files(files.Count + 1, width));

        // Before anything is written: is it a history?
        RevisionGraph.Build([.. files.Select(file => file.Revision)]);
        foreach (var (revision, up, down) in files)
        {
            await RevisionWriter.CreateAsync(Path.Combine(root, ScriptFolder.Up.Name, revision.File), up, cancellationToken);
            if (down is null) continue;
            await RevisionWriter.CreateAsync(Path.Combine(root, ScriptFolder.Down.Name, revision.File), down, cancellationToken);
        }

        return new ImportedHistory(root, [.. files.Select(file => file.Revision.File)],
            [.. from revision in revisions
                from way in (RecordedWay?[])[revision.Up, revision.Down]
                where way is not null
                from review in way.Reviews
                select $"{revision.Of.Revision}: {review}"],
            [.. from revision in revisions
                where revision.Irreversible is not null
                select $"{revision.Of.Revision}: {revision.Irreversible}"]);
    }
}

/// <summary>What was written.</summary>
/// <param name="Files">Names in <c>up/</c>; the same in <c>down/</c> but for those of <paramref name="Irreversible"/>.</param>
/// <param name="Reviews">Marked in the files: what depended on data or on what was there.</param>
/// <param name="Irreversible">Revisions that Alembic itself can't undo, and why.</param>
public sealed record ImportedHistory(string Folder, IReadOnlyList<string> Files, IReadOnlyList<string> Reviews, IReadOnlyList<string> Irreversible);
