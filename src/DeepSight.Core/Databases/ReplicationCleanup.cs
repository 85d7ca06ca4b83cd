using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Databases;

/// <summary>
/// After a swap the old database still owns its slots, which would keep the server's log for ever, and its
/// subscriptions, which would go on filling it.
/// </summary>
internal static class ReplicationCleanup
{
    /// <param name="previous">The database that was swapped away, by its present name.</param>
    /// <param name="drop">Otherwise what came while the new database was loaded is only told.</param>
    /// <returns>What was done and what could not be: the restore itself is done by now.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(DatabaseUrl previous, bool drop, CancellationToken cancellationToken)
    {
        var notes = new List<string>();
        try
        {
            await using var connection = await RestoreConnection.OpenAsync(previous, cancellationToken);
            var slots = await connection.ListAsync("select slot_name::text from pg_replication_slots where database = current_database()", cancellationToken);
            if (!drop)
            {
                var subscriptions = await connection.ListAsync(Subscriptions.Names, cancellationToken);
                notes.AddRange(slots.Select(name => $"the replication slot {name} belongs to '{previous.Database}' now and keeps the server's log: drop it"));
                notes.AddRange(subscriptions.Select(name => $"the subscription {name} goes on in '{previous.Database}': drop it"));
                return notes;
            }

            foreach (var name in await Subscriptions.DropAsync(previous, cancellationToken))
                notes.Add($"the subscription {name} was dropped; its slot on the publisher is still there");
            foreach (var name in slots)
            {
                await connection.ListAsync("select pg_drop_replication_slot(slot_name)::text from pg_replication_slots where slot_name = @name", cancellationToken, ("name", name));
                notes.Add($"the replication slot {name} was dropped");
            }
        }
        catch (Exception e) when (e is NpgsqlException or DeepSightException)
        {
            notes.Add($"replication of '{previous.Database}' could not be {(drop ? "dropped" : "looked at")}: {e.Message}");
        }

        return notes;
    }
}
