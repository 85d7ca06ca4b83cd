namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>Where the head of the migrations differs from what is declared and from a live database; both empty when nowhere.</summary>
public sealed record SchemaCheck(IReadOnlyList<string> Declared, IReadOnlyList<string> Live);
