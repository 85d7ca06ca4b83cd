using System.Text.RegularExpressions;
using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Settings;

namespace DeepSight.Core.Migrations.Linting;

/// <summary>What a file accepts, by <c>-- lint: allow rule-name, other-rule: why</c> on a line of its own, anywhere in it.</summary>
internal static partial class LintAllowances
{
    /// <exception cref="DeepSightException">A name is no rule's: it would accept nothing and say nothing.</exception>
    public static IReadOnlySet<string> Of(MigrationScript script)
    {
        var allowed = new HashSet<string>(StringComparer.Ordinal);
        foreach (Match line in Line().Matches(script.Text))
            foreach (var name in line.Groups[1].Value.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries))
            {
                if (LintRules.All.All(rule => rule.Name != name))
                    throw new DeepSightException(FailureKind.InvalidInput, $"{script.Display} allows '{name}', which is no rule.",
                        $"did you mean '{LintRules.All.MinBy(rule => EditDistance.Between(rule.Name, name))!.Name}'?");
                allowed.Add(name);
            }

        return allowed;
    }

    [GeneratedRegex(@"^[ \t]*--[ \t]*lint:[ \t]*allow[ \t]+([a-z, -]+?)[ \t]*(?::.*)?\r?$", RegexOptions.Multiline)]
    private static partial Regex Line();
}
