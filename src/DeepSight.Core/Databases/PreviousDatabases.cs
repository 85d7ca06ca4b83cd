using Npgsql;

namespace DeepSight.Core.Databases;

/// <summary>The databases that restores replaced, kept for undo.</summary>
internal static class PreviousDatabases
{
    /// <summary>Newest first.</summary>
    /// <param name="connection">To the maintenance database.</param>
    /// <param name="database">Those that had this name, and haven't got it back by hand.</param>
    public static async Task<IReadOnlyList<(string Name, DatabaseMarker Marker)>> ListAsync(NpgsqlConnection connection, string database, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select datname::text, shobj_description(oid, 'pg_database') from pg_database
             where shobj_description(oid, 'pg_database') like '{"deepsight":%'
            """, connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<(string Name, DatabaseMarker Marker)>();
        while (await row.ReadAsync(cancellationToken))
            if (DatabaseMarker.Parse(row.GetString(1)) is { Deepsight: DatabaseMarker.Previous } marker && marker.Database == database && row.GetString(0) != database)
                found.Add((row.GetString(0), marker));
        return [.. found.OrderByDescending(previous => previous.Marker.At)];
    }

    /// <summary>
    /// When a database is replaced that is replaced now: later than all others of its name, whatever the clock says. Undo goes by it.
    /// </summary>
    public static async Task<DateTimeOffset> NextAsync(NpgsqlConnection connection, string database, TimeProvider clock, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return await ListAsync(connection, database, cancellationToken) is [var latest, ..] && latest.Marker.At >= now ? latest.Marker.At + TimeSpan.FromMilliseconds(1) : now;
    }
}
