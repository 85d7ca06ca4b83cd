using DeepSight.Cli.Output;
using DeepSight.Core.Migrations;
using DeepSight.Core.Migrations.Graph;
using Spectre.Console;

namespace DeepSight.Cli.Migrate;

/// <summary>A revision as lists and <c>--json</c> show it.</summary>
/// <param name="Applied">Null where no database was asked.</param>
internal sealed record RevisionRow(string Revision, IReadOnlyList<string> DownRevisions, IReadOnlyList<string> DependsOn, IReadOnlyList<string> Labels,
    string Message, string File, bool IsHead, bool IsBranchPoint, bool IsMerge, string? Irreversible, bool? Applied)
{
    public static RevisionRow Of(Revision revision, RevisionGraph graph, MigrationState? state) => new(
        revision.Id, revision.DownRevisions, revision.DependsOn, revision.Labels, revision.Message, "up/" + revision.File,
        graph.Heads.Contains(revision), graph.BranchPoints.Contains(revision), revision.IsMerge, revision.Irreversible, state?.Applied.Contains(revision));

    /// <summary>Alembic's words for a revision's place.</summary>
    public string Marks => string.Join(' ', new[]
    {
        IsHead ? "(head)" : null, IsBranchPoint ? "(branchpoint)" : null, IsMerge ? "(mergepoint)" : null, Labels.Count > 0 ? $"({string.Join(", ", Labels)})" : null,
    }.OfType<string>());

    public string Follows => DownRevisions.Count == 0 ? "<base>" : string.Join(", ", DownRevisions);

    public static Table Table(IReadOnlyList<RevisionRow> rows)
    {
        var withState = rows.Any(row => row.Applied is not null);
        var table = PlainTable.With(["REVISION", "FOLLOWS", "MESSAGE", "", .. withState ? ["STATE"] : (string[])[]]);
        foreach (var row in rows)
            table.AddRow([new Text(row.Revision), new Text(row.Follows), new Text(row.Message), new Text(row.Marks), .. withState ? [row.State] : (Text[])[]]);
        return table;
    }

    /// <summary>Everything, one line a fact.</summary>
    public IEnumerable<string> Details()
    {
        yield return $"Rev: {Revision} {Marks}".TrimEnd();
        yield return $"{(IsMerge ? "Merges" : "Parent")}: {Follows}";
        if (DependsOn.Count > 0) yield return $"Depends on: {string.Join(", ", DependsOn)}";
        yield return $"File: {File}";
        if (Irreversible is not null) yield return $"Irreversible: {Irreversible}";
        if (Applied is { } applied) yield return applied ? "Applied" : "Not applied";
        if (Message.Length > 0) yield return $"    {Message}";
    }

    private Text State => Applied == true ? new Text("applied", new Style(Color.Green)) : new Text("pending", new Style(Color.Yellow));
}
