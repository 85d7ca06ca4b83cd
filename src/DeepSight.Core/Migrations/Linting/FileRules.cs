using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Migrations.Graph;

namespace DeepSight.Core.Migrations.Linting;

/// <summary>Rules about a revision's files as such.</summary>
internal static class FileRules
{
    public static IEnumerable<LintFinding> Check(MigrationFiles files, Revision revision)
    {
        var up = files.Up(revision);
        foreach (var parent in files.Graph.Needed(revision).Where(parent => FileOrder.Instance.Compare(parent.File, revision.File) > 0))
            yield return new LintFinding(LintRules.NameOrder, up.Display, 0, $"it sorts before up/{parent.File}, which it follows");

        if (revision.Irreversible is not null) yield break;

        if (files.Down(revision) is not { } down)
            yield return new LintFinding(LintRules.MissingDown, up.Display, 0, $"there is no down/{revision.File}");
        else if (down.Statements.Count == 0 && up.Statements.Count > 0)
            yield return new LintFinding(LintRules.EmptyDown, down.Display, 0, "it holds no statement");
    }
}
