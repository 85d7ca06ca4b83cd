using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Locking;
using Npgsql;

namespace DeepSight.Core.Restore.Databases;

/// <summary>Drops what restores replaced, once nobody will undo them any more: <c>RESTORE_KEEP_PREVIOUS_DAYS</c>.</summary>
internal static class PreviousDatabaseSweep
{
    /// <summary>What the role may not do, or can't do now, is told and not thrown: the backups are what a retention is about.</summary>
    /// <returns>What was dropped and what could not be, for people.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(DatabaseUrl database, int keepDays, TimeProvider clock, CancellationToken cancellationToken)
    {
        var told = new List<string>();
        try
        {
            // An undo must not meet a database that is just going.
            await using var jobLock = await JobLock.AcquireAsync(database, "retention", TimeSpan.Zero, clock, cancellationToken);
            await using var connection = await PostgresServer.ConnectAsync(database.WithDatabase(JobLock.MaintenanceDatabase), "deepsight retention", cancellationToken);
            foreach (var (name, marker) in await PreviousDatabases.ListAsync(connection, database.Database, cancellationToken))
                if (marker.At < clock.GetUtcNow() - TimeSpan.FromDays(keepDays))
                    told.Add(await DropAsync(connection, name, marker, cancellationToken));
        }
        catch (DeepSightException e)
        {
            told.Add($"Databases that restores replaced were not looked for: {e.Message}");
        }

        return told;
    }

    private static async Task<string> DropAsync(NpgsqlConnection connection, string name, DatabaseMarker marker, CancellationToken cancellationToken)
    {
        try
        {
            await connection.ExecuteAsync($"DROP DATABASE IF EXISTS {Sql.Name(name)} WITH (FORCE)", cancellationToken);
            return FormattableString.Invariant($"The database '{name}', replaced by a restore on {marker.At:yyyy-MM-dd}, was dropped.");
        }
        catch (PostgresException e)
        {
            return $"The database '{name}', which a restore replaced, could not be dropped: {e.MessageText}.";
        }
    }
}
