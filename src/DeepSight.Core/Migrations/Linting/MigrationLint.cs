using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Migrations.Graph;
using DeepSight.Core.Migrations.Running;

namespace DeepSight.Core.Migrations.Linting;

/// <summary>Reads migrations for what hurts: names, ways back, and locks that make a running program wait.</summary>
public static class MigrationLint
{
    /// <summary>What is found in these revisions and not accepted there, in the order of the files.</summary>
    /// <param name="revisions">Null for all.</param>
    /// <exception cref="DeepSightException">A file accepts a rule that doesn't exist.</exception>
    public static IReadOnlyList<LintFinding> Check(MigrationFiles files, IReadOnlyCollection<Revision>? revisions)
    {
        var findings = (revisions ?? files.Graph.Revisions).SelectMany(revision => OfRevision(files, revision)).ToList();
        if (revisions is null)
        {
            findings.AddRange(files.StrayDowns.Select(script => new LintFinding(LintRules.StrayDown, script.Display, 0, "no revision has this file for its down")));
            findings.AddRange(files.Scripts.Where(script => script.Runs is not (RunKind.Revision or RunKind.Undo)).SelectMany(Runnable));
        }

        return findings;
    }

    private static IEnumerable<LintFinding> OfRevision(MigrationFiles files, Revision revision)
    {
        var script = files.Up(revision);
        var allowed = LintAllowances.Of(script);
        MigrationScript[] scripts = files.Down(revision) is { } down ? [script, down] : [script];
        IEnumerable<LintFinding> findings = [.. scripts.SelectMany(Runnable)];
        findings = findings.Any()
            ? [.. findings, .. FileRules.Names(files, revision)]
            :
            [
                .. FileRules.Names(files, revision), .. scripts.SelectMany(FileRules.LateHeaders),
                .. FileRules.Content(files, revision), .. LockRules.Check(files, revision),
            ];
        return findings.Where(finding => finding.Rule.IsError || !allowed.Contains(finding.Rule.Name));
    }

    private static IEnumerable<LintFinding> Runnable(MigrationScript script)
    {
        try
        {
            ScriptRules.Check(script);
            return [];
        }
        catch (DeepSightException e) when (e.Kind == FailureKind.InvalidInput)
        {
            // The finding names the file already.
            var what = e.Message.StartsWith(script.Display + ", ", StringComparison.Ordinal) ? e.Message[(script.Display.Length + 2)..] : e.Message;
            return [new LintFinding(LintRules.NotRunnable, script.Display, 0, e.Hint is null ? what : $"{what.TrimEnd('.')}: {e.Hint}")];
        }
    }
}

/// <summary>Rules about a revision's files as such.</summary>
internal static class FileRules
{
    public static IEnumerable<LintFinding> Names(MigrationFiles files, Revision revision)
    {
        var up = files.Up(revision);
        foreach (var parent in files.Graph.Needed(revision).Where(parent => FileOrder.Instance.Compare(parent.File, revision.File) > 0))
            yield return new LintFinding(LintRules.NameOrder, up.Display, 0, $"it sorts before up/{parent.File}, which it follows");
        if (revision.Irreversible is null && files.Down(revision) is null)
            yield return new LintFinding(LintRules.MissingDown, up.Display, 0, $"there is no down/{revision.File}");
    }

    public static IEnumerable<LintFinding> Content(MigrationFiles files, Revision revision)
    {
        var up = files.Up(revision);
        if (up.Statements.Count == 0 && !revision.IsMerge)
            yield return new LintFinding(LintRules.EmptyUp, up.Display, 0, "it holds no statement");
        if (revision.Irreversible is null && up.Statements.Count > 0 && files.Down(revision) is { Statements.Count: 0 } down)
            yield return new LintFinding(LintRules.EmptyDown, down.Display, 0, "it holds no statement");
    }

    public static IEnumerable<LintFinding> LateHeaders(MigrationScript script) => RevisionHeader.Late(script.Text, script.Display)
        .Select(late => new LintFinding(LintRules.LateHeader, script.Display, late.Line, $"the header '{late.Name}'"));
}

/// <summary>A place where a rule is broken.</summary>
/// <param name="File">As <c>up/0002_add_users.sql</c>.</param>
/// <param name="Line">From 1; 0 where it is about the file as a whole.</param>
/// <param name="What">What was found there.</param>
public sealed record LintFinding(LintRule Rule, string File, int Line, string What);
