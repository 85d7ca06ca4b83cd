using DeepSight.Cli.Migrate;

namespace DeepSight.Cli.Objects;

/// <summary><c>migrate branches</c>.</summary>
internal sealed record BranchesJson(IReadOnlyList<BranchesJson.Fork> Branches)
{
    internal sealed record Fork(string Revision, string File, IReadOnlyList<RevisionRow> Into);
}
