namespace DeepSight.Core.Restore;

/// <summary>What an undo came to.</summary>
/// <param name="Unavailable">How long nobody could use the database; null for a dry run.</param>
/// <param name="Notes">What else the operator should know.</param>
public sealed record UndoResult(UndoPlan Plan, TimeSpan? Unavailable, IReadOnlyList<string> Notes);
