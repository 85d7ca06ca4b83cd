namespace DeepSight.Core.Migrations.Journal;

/// <summary>The latest row of a script in the journal.</summary>
/// <param name="ScriptName">A bare file name in RoundhousE's journals, a path below the folder in grate's.</param>
/// <param name="Hash">Null where the tool was told to keep none.</param>
/// <param name="At">RoundhousE wrote local time, grate and we write UTC; the column doesn't say which.</param>
public sealed record JournalEntry(string ScriptName, string? Hash, bool IsOneTime, DateTime At, string? By);
