namespace DeepSight.Core.Migrations.Linting;

/// <summary>A place where a rule is broken.</summary>
/// <param name="File">As <c>up/0002_add_users.sql</c>.</param>
/// <param name="Line">From 1; 0 where it is about the file as a whole.</param>
/// <param name="What">What was found there.</param>
public sealed record LintFinding(LintRule Rule, string File, int Line, string What);
