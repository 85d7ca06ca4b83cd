namespace DeepSight.Core.Migrations.Running;

/// <summary>What <c>migrate stamp</c> is asked to do: say what counts as applied, and run nothing.</summary>
/// <param name="Targets"><c>heads</c>, <c>base</c>, revisions.</param>
public sealed record StampRequest(IReadOnlyList<string> Targets)
{
    /// <summary>Forget first what the journal says of revisions, those in no file included.</summary>
    public bool Purge { get; init; }

    public bool DryRun { get; init; }
}
