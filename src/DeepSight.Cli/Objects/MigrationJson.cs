using DeepSight.Core.Migrations.Running;

namespace DeepSight.Cli.Objects;

/// <summary><c>migrate up</c> and <c>migrate down</c>.</summary>
internal sealed record MigrationJson(bool DryRun, string? Before, string? After, IReadOnlyList<MigrationJson.Ran> Scripts, IReadOnlyList<string> Notes)
{
    public static MigrationJson Of(MigrationResult result) => new(result.DryRun, result.Before, result.After,
        [.. result.Scripts.Select(script => new Ran(script.Script, script.Revision, (long)script.Elapsed.TotalMilliseconds))], result.Notes);

    internal sealed record Ran(string Script, string? Revision, long ElapsedMs);
}
