using DeepSight.Core.Databases;
using DeepSight.Core.Migrations.Autogenerate;
using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;

namespace DeepSight.Core.Migrations.Importing;

/// <summary>Two scratch databases on the same way: one by the user's Alembic, the other by the files that are made of it.</summary>
internal sealed class ImportProof : IAsyncDisposable
{
    private readonly ScratchDatabase alembics;
    private readonly ScratchDatabase ours;
    private readonly AlembicRecorder recorder;
    private readonly PostgresClients clients;

    private ImportProof(ScratchDatabase alembics, ScratchDatabase ours, AlembicRecorder recorder, PostgresClients clients) =>
        (this.alembics, this.ours, this.recorder, this.clients) = (alembics, ours, recorder, clients);

    /// <param name="recorder">Not disposed with this.</param>
    public static async Task<ImportProof> StartAsync(
        AlembicRecorder recorder, DatabaseUrl server, PostgresClients clients, TimeProvider clock, CancellationToken cancellationToken)
    {
        var alembics = await ScratchDatabase.CreateAsync(server, "alembic", null, null, clock, cancellationToken);
        try
        {
            var ours = await ScratchDatabase.CreateAsync(server, "imported", null, null, clock, cancellationToken);
            return new ImportProof(alembics, ours, recorder, clients);
        }
        catch
        {
            await alembics.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs the revision's way with Alembic; then what was recorded of it in the other database.</summary>
    /// <returns>What was recorded; null, and why, where Alembic itself failed.</returns>
    /// <exception cref="DeepSightException">What was recorded can't be run, or leads to another schema.</exception>
    public async Task<(RecordedWay? Way, string? Error)> RunAsync(bool up, AlembicRevision revision, CancellationToken cancellationToken)
    {
        var answer = await recorder.RunAsync(up, revision.Revision, alembics.Name, cancellationToken);
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
        if ((await recorder.RunAsync(up: true, revision.Of.Revision, alembics.Name, cancellationToken)).Error is { } error)
            throw new DeepSightException(FailureKind.Failed,
                $"Alembic's upgrade of {revision.Of.Revision} worked once and then failed: {error}. Nothing was written.",
                "what it does must not depend on anything outside the database.");
        await ReplayAsync(revision.Up!, up: true, revision.Of, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await ours.DisposeAsync();
        await alembics.DisposeAsync();
    }

    private async Task ReplayAsync(RecordedWay way, bool up, AlembicRevision revision, CancellationToken cancellationToken)
    {
        var folder = up ? ScriptFolder.Up : ScriptFolder.Down;
        foreach (var part in way.Parts)
            await Autogeneration.RunAsync(ours.Url, new MigrationScript(folder, revision.Revision + ".sql", folder.Runs, part.Text), cancellationToken);
    }

    private async Task CompareAsync(string of, SchemaScope scope, CancellationToken cancellationToken)
    {
        DatabaseUrl[] both = [alembics.Url, ours.Url];
        var models = await Task.WhenAll(both.Select(one => Autogeneration.ReadAsync(one, scope, cancellationToken)));
        var dumps = await Task.WhenAll(both.Select(one => SchemaDump.ReadAsync(one, clients, scope, cancellationToken)));
        var differences = models[0].DifferencesTo(models[1], "by Alembic", "by what was recorded")
            .Concat(SchemaDump.Differences(SchemaDump.Statements(dumps[1]), SchemaDump.Statements(dumps[0]))).ToList();
        if (differences.Count > 0)
            throw new DeepSightException(FailureKind.Failed,
                $"What was recorded of Alembic's {of} does not lead to Alembic's schema:\n  {string.Join("\n  ", differences.Take(8))}\n"
                + "Nothing was written.",
                "a revision or env.py changes the schema past SQLAlchemy's connection: let it use op.execute, then run this again.");
    }
}
