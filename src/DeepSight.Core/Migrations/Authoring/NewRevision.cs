namespace DeepSight.Core.Migrations.Authoring;

/// <summary>What <c>migrate new</c> is asked for.</summary>
public sealed record NewRevision(string Message)
{
    /// <summary>What it follows: targets as for up; several make a merge.</summary>
    public IReadOnlyList<string> Heads { get; init; } = ["head"];

    /// <summary>Follow a revision that others follow already, making a branch.</summary>
    public bool Splice { get; init; }

    public IReadOnlyList<string> BranchLabels { get; init; } = [];

    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>Null makes one up.</summary>
    public string? Id { get; init; }
}
