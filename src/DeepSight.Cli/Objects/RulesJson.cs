using DeepSight.Core.Migrations.Linting;

namespace DeepSight.Cli.Objects;

/// <summary><c>migrate lint --rules</c>.</summary>
internal sealed record RulesJson(IReadOnlyList<LintRule> Rules);
