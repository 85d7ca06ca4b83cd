using DeepSight.Core.Databases;
using DeepSight.Core.Postgres;
using Npgsql;

namespace DeepSight.Core.Restore.Requests;

/// <summary>Where a request that was taken up before has left its mark: it was restored then, and must not be again.</summary>
/// <param name="Previous">The database that it swapped away, where that is kept still.</param>
internal sealed record Publication(string? Previous)
{
    /// <summary>
    /// The marker was renamed into place, or committed, with the content. What was swapped away since, by an undo or by another restore,
    /// has it still.
    /// </summary>
    /// <returns>Null when it was not published.</returns>
    public static async Task<Publication?> FindAsync(RestoreMessage message, DatabaseUrl target, CancellationToken cancellationToken)
    {
        if (message.Into is { } name) return await IsMarkedAsync(target.WithDatabase(name), message.RequestId, cancellationToken) ? new Publication(Previous: null) : null;

        await using var connection = await TryOpenAsync(target, cancellationToken);
        if (connection is null) return null;

        var kept = await PreviousDatabases.ListAsync(connection, target.Database, cancellationToken);
        var swappedAway = kept.FirstOrDefault(previous => previous.Marker.RequestId == message.RequestId).Name;
        if (swappedAway is not null || await RestoreMarker.ExistsAsync(connection, message.RequestId, cancellationToken)) return new Publication(swappedAway);

        foreach (var (previous, _) in kept)
            if (await IsMarkedAsync(target.WithDatabase(previous), message.RequestId, cancellationToken)) return new Publication(Previous: null);
        return null;
    }

    private static async Task<bool> IsMarkedAsync(DatabaseUrl database, string requestId, CancellationToken cancellationToken)
    {
        await using var connection = await TryOpenAsync(database, cancellationToken);
        return connection is not null && await RestoreMarker.ExistsAsync(connection, requestId, cancellationToken);
    }

    /// <summary>Null where there is no such database.</summary>
    private static async Task<NpgsqlConnection?> TryOpenAsync(DatabaseUrl database, CancellationToken cancellationToken)
    {
        try
        {
            return await RestoreConnection.OpenAsync(database, cancellationToken);
        }
        catch (DeepSightException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName })
        {
            return null;
        }
    }
}
