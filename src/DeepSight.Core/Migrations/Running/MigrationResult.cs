namespace DeepSight.Core.Migrations.Running;

/// <summary>What a run did.</summary>
/// <param name="Scripts">In the order in which they ran.</param>
/// <param name="Before">Where the database stood: several heads joined with a comma; null at the base.</param>
/// <param name="After">Where it stands now, or would after a dry run.</param>
public sealed record MigrationResult(IReadOnlyList<ScriptRun> Scripts, string? Before, string? After, bool DryRun)
{
    /// <summary>What to look at: mended leftovers, files that came late, drift that was allowed.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Data that the revisions deleted, or with a dry run would: <c>up/0002_a.sql: deletes-data column public.a.old</c>. A new
    /// database has nothing to lose.</summary>
    public IReadOnlyList<string> Losses { get; init; } = [];
}

/// <summary>A script that ran, or with a dry run would.</summary>
/// <param name="Script">The file, as <c>up/0002_add_users.sql</c>.</param>
/// <param name="Revision">Null for scripts that are no revisions.</param>
public sealed record ScriptRun(string Script, string? Revision, TimeSpan Elapsed);
