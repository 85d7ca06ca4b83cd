using DeepSight.Core.Databases;
using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Postgres.Clients;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>
/// Runs each revision up, reads what it made, and writes and runs the way back from there: every one leads where it should, twice looked at,
/// and rows stay.
/// </summary>
/// <param name="scratch">The migrated database, in which all of it runs, and the declared one.</param>
internal sealed class ChainProof(ScratchPair scratch, PostgresClients clients, CompareRequest request)
{
    public const string NothingWritten = "Nothing was written.";

    private SeededRows? rows;
    private TableFiles? files;

    /// <param name="up">From the renamed schema to the declared one.</param>
    /// <param name="was">What the migrations make, before the renames.</param>
    /// <returns>None where nothing differs.</returns>
    /// <exception cref="DeepSightException">A script fails, or leads elsewhere.</exception>
    public async Task<IReadOnlyList<GeneratedRevision>> RunAsync(SchemaDifference up, SchemaModel was, IReadOnlyList<SchemaRename> renames, CancellationToken cancellationToken)
    {
        var known = await Task.WhenAll(
            SchemaState.CompleteAsync(was, scratch.First.Url, clients, request.Scope, cancellationToken),
            SchemaState.CompleteAsync(up.To, scratch.Second.Url, clients, request.Scope, cancellationToken));
        var (reached, declared) = (new List<SchemaState> { known[0] }, known[1]);
        var scripts = Scripts(up, renames);
        if (scripts.Count == 0)
        {
            Require("The declared schema and the migrations differ in something that autogenerate does not know", SchemaDump.Differences(reached[0].Statements, declared.Statements));
            return [];
        }

        rows = await SeededRows.FillAsync(scratch.First.Url, cancellationToken);
        var hazards = new List<IReadOnlyList<string>>();
        foreach (var (text, losses) in scripts)
        {
            files = await TableFiles.ReadAsync(scratch.First.Url, cancellationToken);
            await RunAsync(ScriptFolder.Up, text, cancellationToken);
            hazards.Add([.. losses, .. files.RewrittenIn(await TableFiles.ReadAsync(scratch.First.Url, cancellationToken))]);
            reached.Add(await ReachedAsync(cancellationToken));
        }

        if (rows is not null) Require("The generated way up loses what it doesn't say", rows.LostIn(await SeededRows.ReadAsync(scratch.First.Url, cancellationToken)));
        Require("The generated way up does not lead to the declared schema", reached[^1].DifferencesTo(declared, "generated", "declared"));
        var revisions = new List<GeneratedRevision>();
        for (var i = scripts.Count - 1; i >= 0; i--)
        {
            var down = Down(SchemaDifference.Between(reached[i + 1].Model, i == 0 ? up.From : reached[i].Model)) + (i == 0 ? ChangeText.Down(renames) : "");
            await RunAsync(ScriptFolder.Down, down, cancellationToken);
            var name = i == 0 ? "migrated" : "former";
            Require($"The generated way down does not lead to the {name} schema", (await ReachedAsync(cancellationToken)).DifferencesTo(reached[i], "generated", name));
            revisions.Insert(0, new GeneratedRevision(scripts[i].Text, down, hazards[i]));
        }

        return revisions;
    }

    private List<(string Text, IEnumerable<string> Losses)> Scripts(SchemaDifference up, IReadOnlyList<SchemaRename> renames)
    {
        var stages = ChangeStages.Of(up, request.IsShort);
        var scripts = stages.Select(stage => (Text: ChangeText.Of(stage), Losses: SchemaHazards.Losses(stage.Changes))).ToList();
        if (renames.Count == 0) return scripts;

        // Renames come first, with what else is in the first transaction.
        if (stages is not [{ InTransaction: true }, ..]) scripts.Insert(0, ("", []));
        scripts[0] = scripts[0] with { Text = ChangeText.Up(renames) + scripts[0].Text };
        return scripts;
    }

    /// <summary>The safe form where it is one file; a way back is one file as its way up is.</summary>
    private string Down(SchemaDifference difference) =>
        !request.IsShort && ChangeStages.Of(difference, isShort: false) is [var only] ? ChangeText.Of(only) : ChangeText.Of(difference.Changes);

    private Task<SchemaState> ReachedAsync(CancellationToken cancellationToken) => SchemaState.ReadAsync(scratch.First.Url, clients, request.Scope, cancellationToken);

    /// <summary>Once more without rows, where a new constraint or type refuses those that we made up.</summary>
    private async Task RunAsync(ScriptFolder folder, string text, CancellationToken cancellationToken)
    {
        var script = new MigrationScript(folder, "generated.sql", folder.Runs, text);
        try
        {
            await ScratchScript.RunAsync(scratch.First.Url, script, cancellationToken);
        }
        catch (DeepSightException e) when (rows is not null && SeededRows.AreRefusedBy(e))
        {
            rows = null;
            await SeededRows.EmptyAsync(scratch.First.Url, cancellationToken);
            files = await TableFiles.ReadAsync(scratch.First.Url, cancellationToken);
            await ScratchScript.RunAsync(scratch.First.Url, script, cancellationToken);
        }
    }

    private static void Require(string failure, IEnumerable<string> differences)
    {
        if (differences.Take(8).ToList() is { Count: > 0 } first)
            throw new DeepSightException(FailureKind.Failed, $"{failure}:\n  {string.Join("\n  ", first)}\n{NothingWritten}",
                "write that part by hand: `deepsight migrate new` without --autogenerate, then run this again.");
    }
}
