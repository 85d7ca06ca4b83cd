using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Queues;
using DeepSight.Core.Restore;
using DeepSight.Core.Restore.Requests;
using DeepSight.Core.Runs;
using Microsoft.Extensions.DependencyInjection;

namespace DeepSight.Cli.Quickstart;

/// <summary>The second half of the quickstart: an accident, a restore by queue, what is refused, and the way back.</summary>
internal static class QuickstartRestore
{
    /// <param name="folder">Its own; emptied first.</param>
    /// <exception cref="DeepSightException">Something did not end as it must.</exception>
    public static async Task RunAsync(QuickstartSteps steps, IServiceProvider services, DatabaseUrl database, SampleContents contents,
        BackupManifest backup, string folder, CancellationToken cancellationToken)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);

        var damaged = await steps.RunAsync("half the rows deleted", () => SampleDatabase.DeleteHalfAsync(database, cancellationToken),
            left => $"{left.Rows:N0} rows are left");
        var stores = services.GetRequiredService<BackupStores>();
        var queue = MessageQueues.InFolder(folder, TimeProvider.System).Open(RestoreMessage.Queue);
        var request = await steps.RunAsync("restore requested", () => EnqueueAsync(services, queue, cancellationToken),
            sent => $"request {sent.RequestId} in the queue {queue.Name}: {sent.Backup} over {sent.Target}");
        await steps.RunAsync("request done", () => WorkAsync(services, queue, request, stores, cancellationToken),
            done => $"run {done.Id} {done.Status.ToString().ToLowerInvariant()}, {done.Rows:N0} rows; before it a backup, {done.PreRestoreBackup}");
        await steps.RunAsync("counts match", () => CountAsync(database, contents, cancellationToken), now => $"{now.Rows:N0} rows in {now.Tables} tables, as before");

        await steps.RunAsync("a flipped byte is refused", () => RefusedAsync(FailureKind.Corrupt,
            async () => await RestoreAsync(services, database, await FlippedAsync(services, backup, folder, cancellationToken), cancellationToken)), Describe);
        await steps.RunAsync("production is refused", () => RefusedAsync(FailureKind.Refused,
            () => RestoreAsync(services, MadeUp, Path.Combine(stores.Local.Location, backup.Name), cancellationToken)), Describe);
        await steps.RunAsync("restore undone",
            () => services.GetRequiredService<UndoJob>().RunAsync(new UndoRequest(database, false, false, [stores.Local], Triggers.Command), null, cancellationToken),
            undone => $"'{undone.Plan.Previous}' is back; unavailable for {undone.Unavailable!.Value.TotalSeconds:0.00} s");
        await steps.RunAsync("damage is back", () => CountAsync(database, damaged, cancellationToken), now => $"{now.Rows:N0} rows, as before the restore");
    }

    private static DatabaseUrl MadeUp => DatabaseUrl.Parse("postgresql://app@made-up.proxy.rlwy.net:41234/app", "the quickstart");

    private static async Task<RestoreMessage> EnqueueAsync(IServiceProvider services, IMessageQueue queue, CancellationToken cancellationToken)
    {
        var order = new RestoreOrder { Backup = RestoreOrder.Latest, RequestedBy = "quickstart" };
        var message = await services.GetRequiredService<RestoreRequests>().ComposeAsync(order, cancellationToken);
        await queue.SendAsync(message.ToJson(), Timeout.InfiniteTimeSpan, cancellationToken);
        return message;
    }

    /// <summary>As the function Restore does it: take the message, do it, delete it; its record tells how it ended.</summary>
    private static async Task<RunRecord> WorkAsync(IServiceProvider services, IMessageQueue queue, RestoreMessage request, BackupStores stores, CancellationToken cancellationToken)
    {
        var message = (await queue.ReceiveAsync(1, TimeSpan.FromMinutes(10), cancellationToken)).Single();
        await services.GetRequiredService<RestoreMessageHandler>().HandleAsync(message.Text, message.Inserted, cancellationToken);
        await queue.DeleteAsync(message, cancellationToken);

        var run = await services.GetRequiredService<RunHistory>().GetAsync([stores.Local], request.RequestId, cancellationToken);
        return run.Status == RunStatus.Succeeded ? run : throw new DeepSightException(FailureKind.Failed, $"The restore failed: {run.Error}", run.Hint);
    }

    private static async Task<SampleContents> CountAsync(DatabaseUrl database, SampleContents expected, CancellationToken cancellationToken)
    {
        var now = await SampleDatabase.CountAsync(database, cancellationToken);
        return now == expected ? now : throw new DeepSightException(FailureKind.Corrupt, $"There are {now.Rows:N0} rows in {now.Tables} tables, not {expected.Rows:N0} in {expected.Tables}.");
    }

    /// <summary>A copy of the backup with its manifest, and one byte in the middle turned over.</summary>
    private static async Task<string> FlippedAsync(IServiceProvider services, BackupManifest backup, string folder, CancellationToken cancellationToken)
    {
        var origin = services.GetRequiredService<BackupStores>().Local.Location;
        var copy = Path.Combine(folder, backup.Name);
        var bytes = await File.ReadAllBytesAsync(Path.Combine(origin, backup.Name), cancellationToken);
        bytes[bytes.Length / 2] ^= 0xff;
        await File.WriteAllBytesAsync(copy, bytes, cancellationToken);
        File.Copy(Path.Combine(origin, backup.Name + BackupName.ManifestSuffix), copy + BackupName.ManifestSuffix);
        return copy;
    }

    private static Task<RestoreResult> RestoreAsync(IServiceProvider services, DatabaseUrl target, string path, CancellationToken cancellationToken) =>
        services.GetRequiredService<RestoreJob>().RunAsync(new RestoreRequest(new RestoreOptions { Force = true })
        {
            Target = target,
            Source = token => services.GetRequiredService<RestoreSources>().FindAsync(path, token),
            Stores = [services.GetRequiredService<BackupStores>().Local],
            Trigger = Triggers.Command,
        }, null, null, cancellationToken);

    private static async Task<DeepSightException> RefusedAsync(FailureKind kind, Func<Task> restore)
    {
        try
        {
            await restore();
        }
        catch (DeepSightException e) when (e.Kind == kind)
        {
            return e;
        }

        throw new DeepSightException(FailureKind.Failed, "A restore that had to be refused was done.");
    }

    private static string Describe(DeepSightException refusal) => $"exit {(int)refusal.Kind}: {refusal.Message}";
}
