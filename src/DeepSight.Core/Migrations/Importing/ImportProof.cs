using DeepSight.Core.Databases;
using DeepSight.Core.Migrations.Autogenerate;
using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;

namespace DeepSight.Core.Migrations.Importing;

/// <summary>Two scratch databases on the same way: one by the user's Alembic, the other by the files that are made of it.</summary>
internal sealed class ImportProof : IAsyncDisposable
{
    private readonly ScratchPair scratch;
    private readonly AlembicRecorder recorder;
    private readonly PostgresClients clients;

    private ImportProof(ScratchPair scratch, AlembicRecorder recorder, PostgresClients clients) => (this.scratch, this.recorder, this.clients) = (scratch, recorder, clients);

    /// <param name="recorder">Not disposed with this.</param>
    public static async Task<ImportProof> StartAsync(AlembicRecorder recorder, DatabaseUrl server, PostgresClients clients, TimeProvider clock, CancellationToken cancellationToken) =>
        new(await ScratchPair.CreateAsync(server, "alembic", "imported", clock, cancellationToken), recorder, clients);

    /// <summary>Runs the revision's way with Alembic; then what was recorded of it in the other database.</summary>
    /// <returns>What was recorded; null, and why, where Alembic itself failed.</returns>
    /// <exception cref="DeepSightException">What was recorded can't be run, or leads to another schema.</exception>
    public async Task<(RecordedWay? Way, string? Error)> RunAsync(bool up, AlembicRevision revision, CancellationToken cancellationToken)
    {
        var answer = await recorder.RunAsync(up, revision.Revision, scratch.First.Name, cancellationToken);
        if (answer.Error is { } error) return (null, error);

        var of = $"{(up ? "upgrade" : "downgrade")} of {revision.Revision}";
        var way = RecordedWay.Of(answer, of);
        await ReplayAsync(way, up, revision, cancellationToken);
        if (way.Parts.Count > 0) await CompareAsync(of, new SchemaScope([], [$"*.{answer.VersionTable}"]), cancellationToken);
        return (way, null);
    }

    /// <summary>Goes up again, in a database of its own, what is proven already.</summary>
    public async Task RepeatAsync(ImportedRevision revision, CancellationToken cancellationToken)
    {
        if ((await recorder.RunAsync(up: true, revision.Of.Revision, scratch.First.Name, cancellationToken)).Error is { } error)
            throw new DeepSightException(FailureKind.Failed,
                $"Alembic's upgrade of {revision.Of.Revision} worked once and then failed: {error}. Nothing was written.",
                "what it does must not depend on anything outside the database.");
        await ReplayAsync(revision.Up!, up: true, revision.Of, cancellationToken);
    }

    public ValueTask DisposeAsync() => scratch.DisposeAsync();

    private async Task ReplayAsync(RecordedWay way, bool up, AlembicRevision revision, CancellationToken cancellationToken)
    {
        var folder = up ? ScriptFolder.Up : ScriptFolder.Down;
        foreach (var part in way.Parts)
            await ScratchScript.RunAsync(scratch.Second.Url, new MigrationScript(folder, revision.Revision + ".sql", folder.Runs, part.Text), cancellationToken);
    }

    private async Task CompareAsync(string of, SchemaScope scope, CancellationToken cancellationToken)
    {
        var states = await Task.WhenAll(((ScratchDatabase[])[scratch.First, scratch.Second]).Select(one => SchemaState.ReadAsync(one.Url, clients, scope, cancellationToken)));
        var differences = states[1].DifferencesTo(states[0], "by what was recorded", "by Alembic");
        if (differences.Count > 0)
            throw new DeepSightException(FailureKind.Failed,
                $"What was recorded of Alembic's {of} does not lead to Alembic's schema:\n  {string.Join("\n  ", differences.Take(8))}\n"
                + "Nothing was written.",
                "a revision or env.py changes the schema past SQLAlchemy's connection: let it use op.execute, then run this again.");
    }
}
