using DeepSight.Core.Migrations;
using DeepSight.Core.Migrations.Graph;

namespace DeepSight.Cli.Migrate;

/// <summary>Prints a list of revisions the way each verb does.</summary>
internal static class RevisionList
{
    public static void Print(CommandContext context, IEnumerable<Revision> revisions, RevisionGraph graph, MigrationState? state, bool verbose)
    {
        var rows = revisions.Select(revision => RevisionRow.Of(revision, graph, state)).ToList();
        context.Terminal.Object(new RevisionsJson(rows));
        if (rows.Count == 0) context.Terminal.Line("  (none)");
        else if (verbose) PrintDetails(context, rows);
        else context.Terminal.Show(RevisionRow.Table(rows));
    }

    private static void PrintDetails(CommandContext context, IEnumerable<RevisionRow> rows)
    {
        foreach (var row in rows)
        {
            foreach (var line in row.Details()) context.Terminal.Line("  " + line);
            context.Terminal.Line();
        }
    }
}

/// <summary>The verbs of <c>migrate</c> that list revisions.</summary>
internal sealed record RevisionsJson(IReadOnlyList<RevisionRow> Revisions);
