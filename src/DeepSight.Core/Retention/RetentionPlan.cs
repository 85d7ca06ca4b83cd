using DeepSight.Core.Catalog;

namespace DeepSight.Core.Retention;

/// <summary>What a policy makes of the backups of one store.</summary>
/// <param name="Decisions">One for each backup, newest first.</param>
/// <param name="Warnings">What is odd about the backups: dates in the future, no good one for days.</param>
/// <param name="LeavesTooFew">
/// Nearly all would go: four or more, and either only one that a rule names stays, or less than one in ten. More often a
/// wrong clock or setting than a wish; it needs force.
/// </param>
public sealed record RetentionPlan(IReadOnlyList<RetentionDecision> Decisions, IReadOnlyList<string> Warnings, bool LeavesTooFew)
{
    public IEnumerable<RetentionDecision> Kept => Decisions.Where(decision => decision.Keep);

    public IEnumerable<RetentionDecision> Deleted => Decisions.Where(decision => !decision.Keep);
}

/// <summary>Whether one backup stays, and why.</summary>
/// <param name="Keep">Some rule names it.</param>
/// <param name="Reasons">For people; at least one. Of a kept one every rule that names it.</param>
public sealed record RetentionDecision(BackupEntry Backup, bool Keep, IReadOnlyList<string> Reasons);
