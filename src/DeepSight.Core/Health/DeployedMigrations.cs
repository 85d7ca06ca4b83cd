using DeepSight.Core.Migrations;
using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Postgres;

namespace DeepSight.Core.Health;

/// <summary>The migration files, read again now and then: probes come by the second, files with a deployment.</summary>
/// <param name="settings">Where they lie.</param>
/// <param name="clock">For their age.</param>
internal sealed class DeployedMigrations(MigrationSettings settings, TimeProvider clock)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(10);

    private volatile Reading? latest;

    /// <returns>The files, and what is wrong with them; no files at all where the app was deployed without any.</returns>
    public async Task<(MigrationFiles Files, string? Problem)> LoadAsync(DatabaseUrl database, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (latest is { } kept && now - kept.At < Kept) return (kept.Files, kept.Problem);

        var (files, problem) = await ReadAsync(database, cancellationToken);
        latest = new Reading(files, problem, now);
        return (files, problem);
    }

    private async Task<(MigrationFiles Files, string? Problem)> ReadAsync(DatabaseUrl database, CancellationToken cancellationToken)
    {
        var none = MigrationFiles.None(settings.Directory);
        // A folder that MIGRATIONS_DIR names must be there; the default one need not.
        if (settings.Directory == new MigrationSettings().Directory && !Directory.Exists(settings.Directory)) return (none, null);

        try
        {
            return (await MigrationSources.LoadAsync(settings, database, cancellationToken), null);
        }
        catch (DeepSightException e)
        {
            return (none, e.Message);
        }
    }

    private sealed record Reading(MigrationFiles Files, string? Problem, DateTimeOffset At);
}
