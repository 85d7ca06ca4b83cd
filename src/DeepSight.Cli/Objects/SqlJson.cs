namespace DeepSight.Cli.Objects;

/// <summary><c>migrate sql</c>.</summary>
internal sealed record SqlJson(string Sql);
