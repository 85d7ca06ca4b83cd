namespace DeepSight.Core.Postgres.Sql;

/// <summary>How often a filter left something out: <c>SET transaction_timeout</c>, <c>\restrict</c>, <c>BEGIN</c>.</summary>
public sealed record SqlFilterUse(string What, long Count);
