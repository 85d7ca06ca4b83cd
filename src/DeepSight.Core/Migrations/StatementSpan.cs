namespace DeepSight.Core.Migrations;

/// <summary>Where a statement lies in a file's bytes, its semicolon left out.</summary>
internal readonly record struct StatementSpan(int Start, int Length, int Line);
