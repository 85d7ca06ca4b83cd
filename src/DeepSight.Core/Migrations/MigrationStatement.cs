namespace DeepSight.Core.Migrations;

/// <summary>One statement of a migration file.</summary>
/// <param name="Text">Without its semicolon and without the comments around it.</param>
/// <param name="Offset">Of its first character in the file's text, in characters, from 0: an error's position in the statement
/// adds to it.</param>
/// <param name="Line">Of its first character, from 1.</param>
public sealed record MigrationStatement(string Text, int Offset, int Line);
