using DeepSight.Core.Postgres;
using Microsoft.Extensions.Logging;

namespace DeepSight.Core.Migrations.Running;

/// <summary>Applies what is pending without being asked, at the moment that MIGRATIONS_AUTO names.</summary>
public sealed class AutomaticMigrationJob(MigrationSettings settings, MigrationJob job, ILogger<AutomaticMigrationJob> logger)
{
    /// <returns>Null when it wasn't the moment, there was nothing to do, or a hold kept it off; the log says which.</returns>
    /// <exception cref="DeepSightException">A script failed, or the state could not be read.</exception>
    public async Task<MigrationResult?> RunAsync(DatabaseUrl database, AutoMigration moment, string trigger, CancellationToken cancellationToken)
    {
        // An app without migrations is no fault.
        if (settings.Auto != moment || !Directory.Exists(settings.Directory)) return null;

        var state = await MigrationStateReader.ReadAsync(database, settings, cancellationToken);
        if (!HasWork(state)) return null;
        if (AutomaticMigration.Refusal(state) is { } why)
        {
            logger.LogWarning("{Count} pending migrations are not applied by themselves. {Why}", state.Pending.Count, why);
            return null;
        }

        // Asked again under the lock: much can have happened since.
        var result = await job.UpAsync(database, new UpRequest { Automatic = true }, trigger, progress: null, cancellationToken);
        logger.LogInformation("Migrated from {Before} to {After}: {Scripts}", result.Before ?? "<base>", result.After, string.Join(", ", result.Scripts.Select(script => script.Script)));
        foreach (var note in result.Notes) logger.LogWarning("{Note}", note);
        return result;
    }

    /// <summary>Scripts that run every time are no reason to begin.</summary>
    private static bool HasWork(MigrationState state) => state.Pending.Count > 0
        || state.Graph.Heads.Count == 1 && state.PendingScripts.Count > 0;
}
