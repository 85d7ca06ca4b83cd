using DeepSight.Core.Postgres;
using DeepSight.Core.Restore.Databases;
using Npgsql;

namespace DeepSight.Core.Restore.Publishing;

/// <summary>
/// <c>--drop-replication</c>: after a swap the old database still owns its slots, which would keep the server's log for ever, and its
/// subscriptions, which would go on filling it.
/// </summary>
internal static class ReplicationCleanup
{
    /// <returns>What was done and what could not be: the restore itself is done by now.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(RestoreContext context, CancellationToken cancellationToken)
    {
        if (context.Plan.PreviousName is not { } previous || context.Target is not { } target || target.Slots.Count + target.Subscriptions.Count == 0) return [];

        var notes = new List<string>();
        try
        {
            var old = context.TargetUrl.WithDatabase(previous);
            foreach (var name in await Subscriptions.DropAsync(old, cancellationToken))
                notes.Add($"the subscription {name} was dropped; its slot on the publisher is still there");

            await using var connection = await PostgresServer.ConnectAsync(old, "deepsight restore", cancellationToken);
            foreach (var name in target.Slots)
            {
                await connection.ListAsync("select pg_drop_replication_slot(slot_name)::text from pg_replication_slots where slot_name = @name", cancellationToken, ("name", name));
                notes.Add($"the replication slot {name} was dropped");
            }
        }
        catch (Exception e) when (e is PostgresException or DeepSightException)
        {
            notes.Add($"replication of '{previous}' could not be dropped: {e.Message}");
        }

        return notes;
    }
}
