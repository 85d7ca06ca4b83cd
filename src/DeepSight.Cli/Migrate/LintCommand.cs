using System.CommandLine;
using DeepSight.Core;
using DeepSight.Core.Migrations.Graph;
using DeepSight.Core.Migrations.Linting;

namespace DeepSight.Cli.Migrate;

/// <summary><c>migrate lint [revisions…]</c>.</summary>
internal static class LintCommand
{
    private static readonly Argument<string[]> Revisions = new("revisions") { Description = "Which to read; all without.", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<bool> Rules = new("--rules") { Description = "List the rules, with the safe way of each." };

    public static Command Define() => CommandContext.Command("lint",
        "Read the migrations for names, ways back and locking hazards; exit 1 when something is found.", RunAsync, Revisions, Rules);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (context.Parsed.GetValue(Rules)) return PrintRules(context);

        var files = await context.FilesAsync(cancellationToken);
        IReadOnlyList<Revision>? revisions = context.Parsed.GetValue(Revisions) is { Length: > 0 } named ? [.. named.SelectMany(files.Graph.Resolve).Distinct()] : null;
        var count = (revisions ?? files.Graph.Revisions).Count;
        var findings = MigrationLint.Check(files, revisions);
        context.Terminal.Object(FindingsJson.Of(findings));
        foreach (var finding in findings)
        {
            context.Terminal.Attention($"{finding.File}{(finding.Line > 0 ? $", line {finding.Line}" : "")}: {finding.Rule.Name}: {finding.What}");
            if (!finding.Rule.IsError) context.Terminal.Line($"    {finding.Rule.Why} {finding.Rule.SafeWay}");
        }

        if (findings.Count == 0) context.Terminal.Success($"{count} {(count == 1 ? "revision" : "revisions")}: nothing found");
        else context.Terminal.Line("  What is meant so is accepted by a line `-- lint: allow rule-name: why` in the file.");
        return findings.Count == 0 ? ExitCodes.Done : (int)FailureKind.Failed;
    }

    private static int PrintRules(CommandContext context)
    {
        context.Terminal.Object(new RulesJson(LintRules.All));
        foreach (var rule in LintRules.All)
        {
            context.Terminal.Line($"  {rule.Name}");
            context.Terminal.Line($"    {rule.Why} {rule.SafeWay}");
        }

        return ExitCodes.Done;
    }
}

/// <summary><c>migrate lint</c>.</summary>
internal sealed record FindingsJson(IReadOnlyList<FindingsJson.Finding> Findings)
{
    public static FindingsJson Of(IEnumerable<LintFinding> findings) => new(
        [.. findings.Select(finding => new Finding(finding.File, finding.Line, finding.Rule.Name, finding.What, finding.Rule.Why, finding.Rule.SafeWay))]);

    internal sealed record Finding(string File, int Line, string Rule, string What, string Why, string SafeWay);
}

/// <summary><c>migrate lint --rules</c>.</summary>
internal sealed record RulesJson(IReadOnlyList<LintRule> Rules);
