using System.Net.Http.Json;
using System.Text.Json;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Queues;
using DeepSight.Core.Restore;
using DeepSight.Core.Restore.Requests;
using DeepSight.Core.Storage.Leases;
using DeepSight.Core.Storage.Local;
using DeepSight.Tests.Delivery;
using DeepSight.Tests.Runs;
using DeepSight.Tests.Queues;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;
using Npgsql;

namespace DeepSight.Tests.Restore.Requests;

/// <summary>The functions host, killed by SIGKILL over a request of its queue and started again: restored once, recorded once.</summary>
public sealed class RestoreFunctionKillTests : IDisposable
{
    private const string Backup = "deepsight_20260212_030000.sql.gz";

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Into a new database there is nothing to do between the publication and the record.</summary>
    public static TheoryData<RestoreMode, RestoreMoment, bool> Cases => Matrix.IsFull
        ? [.. from mode in Enum.GetValues<RestoreMode>()
              from moment in Enum.GetValues<RestoreMoment>()
              from onAzure in new[] { false, true }
              where (mode, moment) != (RestoreMode.Into, RestoreMoment.Published)
              select (mode, moment, onAzure)]
        : [(RestoreMode.Swap, RestoreMoment.Published, false), (RestoreMode.InPlace, RestoreMoment.Loading, false), (RestoreMode.Into, RestoreMoment.Recorded, true)];

    private LocalBackupStore Store => new(Path.Combine(folder.Path, "backups"), TimeProvider.System);

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Killed_at_any_moment_it_restores_once_and_records_once(RestoreMode mode, RestoreMoment moment, bool onAzure)
    {
        // Its own server: what holds the restore where it is killed would hold up other tests.
        await using var server = await PostgresServers.StartAnotherAsync(17);
        // The queue has one name everywhere: other tests' messages are on the shared one.
        await using var azurite = onAzure ? await Azurite.StartNewAsync() : null;
        await using var webhook = await WebhookServer.StartAsync();
        var (target, dump, whole) = await PrepareAsync(server.Url.WithDatabase("app"), moment);
        var settings = Settings(target, webhook, azurite?.ConnectionString ?? "");
        var queue = MessageQueues.FromSettings(settings.GetValueOrDefault, TimeProvider.System).Open(RestoreMessage.Queue);
        var told = new TaskCompletionSource();
        if (moment == RestoreMoment.Recorded) webhook.Answer = context => Hang(told, context.RequestAborted);

        string message;
        int loading;
        await using (var first = await HostProcess.StartAsync(settings))
        {
            message = await RequestAsync(first, mode, moment);
            loading = await dump.ReachedAsync();
            if (moment != RestoreMoment.Loading)
            {
                await using var holder = await HoldAsync(target, mode, moment);
                await dump.EndAsync();
                await (moment == RestoreMoment.Recorded ? told.Task : PublishedAsync(target, mode));
                await first.KillAsync();
            }
            else
            {
                await first.KillAsync();
            }
        }

        webhook.Answer = _ => Task.CompletedTask;
        var request = JsonDocument.Parse(message).RootElement.GetProperty("request_id").GetString()!;
        await ComesBackAsync(queue, message, onAzure, request);
        await using var second = await HostProcess.StartAsync(settings);
        if (moment == RestoreMoment.Loading)
        {
            // What the dead host left is still loading, in its own session.
            await dump.ReachedAsync(but: loading);
            await dump.EndAsync();
        }

        var run = await EndOfAsync(second, request);
        await DrainedAsync(queue, onAzure);
        var restored = mode == RestoreMode.Into ? target.WithDatabase("app_copy") : target;
        Assert.Equal("succeeded", run.GetProperty("status").GetString());
        Assert.Equal(moment == RestoreMoment.Published, run.GetProperty("warnings").ToString().Contains("finished later", StringComparison.Ordinal));
        var facts = await FactsAsync(target, restored, request);
        Assert.Equal((1, mode == RestoreMode.Swap ? 1 : 0, 0), (facts.Markers, facts.Previous, facts.Scratch));
        Assert.Equal([], DumpComparison.Of(whole, await DumpFiles.SummarizeAsync(restored)).Differences);

        // Once more, as a queue may that delivers at least once.
        await queue.SendAsync(message, MessageText.DefaultTimeToLive, Cancel);
        await DrainedAsync(queue, onAzure);
        Assert.Equal(facts, await FactsAsync(target, restored, request));
        Assert.Equal(run.ToString(), (await EndOfAsync(second, request)).ToString());
        Assert.Single(Directory.GetFiles(Path.Combine(Store.Location, "runs"), "*_restore_*.json", SearchOption.AllDirectories));
    }

    private async Task<(DatabaseUrl Target, PausedDump Dump, DumpSummary Whole)> PrepareAsync(DatabaseUrl target, RestoreMoment moment)
    {
        await target.WithDatabase("postgres").ExecuteAsync("create database app");
        await target.ExecuteAsync(DumpFiles.Sample);
        var dump = await PausedDump.OfAsync(target);
        var whole = await DumpFiles.SummarizeAsync(target);
        await target.ExecuteAsync("delete from videos where id > 10");
        if (moment == RestoreMoment.Published)
            await target.ExecuteAsync("create subscription feed connection 'host=127.0.0.1 port=1' publication p with (connect = false, slot_name = none)");
        Directory.CreateDirectory(Store.Location);
        await File.WriteAllBytesAsync(Path.Combine(Store.Location, Backup), DumpFiles.Gzip(dump.Sql), Cancel);
        return (target, dump, whole);
    }

    private Dictionary<string, string> Settings(DatabaseUrl target, WebhookServer webhook, string storage) => new()
    {
        ["DATABASE_URL"] = target.Whole(),
        ["BACKUP_DIR"] = Store.Location,
        ["BACKUP_STORE"] = "local",
        ["MIGRATIONS_AUTO"] = "off",
        ["NOTIFY_WEBHOOK_URL"] = webhook.Url.AbsoluteUri,
        ["NOTIFY_ON"] = "success, failure",
        ["POSTGRES_CLIENT_DIR"] = Path.Combine(Clone.Bundles, "client"),
        ["DEEPSIGHT_STATE_DIR"] = Path.Combine(folder.Path, "state"),
        ["AzureWebJobsStorage"] = storage,
        ["AzureFunctionsWebHost__hostid"] = $"t{folder.Path.GetHashCode(StringComparison.Ordinal):x8}",
        // Overdue, it would back up at its start.
        ["AzureWebJobs.Backup.Disabled"] = "true",
    };

    /// <returns>What is on the queue.</returns>
    private static async Task<string> RequestAsync(HostProcess host, RestoreMode mode, RestoreMoment moment)
    {
        using var response = await host.Http.PostAsJsonAsync("/api/restores", new
        {
            backup = Backup,
            force = true,
            mode = mode switch { RestoreMode.InPlace => "in-place", RestoreMode.Into => "into", _ => "swap" },
            into = mode == RestoreMode.Into ? "app_copy" : null,
            clean = mode == RestoreMode.InPlace,
            drop_replication = mode == RestoreMode.Swap && moment == RestoreMoment.Published,
        }, Cancel);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Cancel);
    }

    /// <summary>Keeps it between its publication and its end: the old database's subscription can't be dropped, the new content not be analyzed.</summary>
    private static async Task<NpgsqlConnection> HoldAsync(DatabaseUrl target, RestoreMode mode, RestoreMoment moment)
    {
        var holder = await (mode == RestoreMode.InPlace ? target : target.WithDatabase("postgres")).OpenAsync();
        if (moment == RestoreMoment.Published)
            await holder.ExecuteAsync(mode == RestoreMode.InPlace ? "begin; lock table pg_description in share update exclusive mode" : "begin; select from pg_subscription for update");
        return holder;
    }

    private static Task PublishedAsync(DatabaseUrl target, RestoreMode mode) => Eventually.HoldsAsync(async () => await target.WithDatabase("postgres").AskAsync<long>(
            $"select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '{(mode == RestoreMode.InPlace ? "ANALYZE" : "ALTER SUBSCRIPTION")}%'") > 0,
        () => "It did not publish.");

    private static async Task Hang(TaskCompletionSource told, CancellationToken cancellationToken)
    {
        told.TrySetResult();
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>
    /// The ten minutes that a dead host's message stays hidden, and the one that its claim holds, are let pass. Only who has the receipt
    /// can show a message of Azure's, and that was the dead one: there it comes a second time, as a sender's retry makes it.
    /// </summary>
    private async Task ComesBackAsync(IMessageQueue queue, string message, bool onAzure, string request)
    {
        await Store.ReplaceAsync(LeaseRecord.ObjectFor("restore-" + request), LeaseRecord.New(TimeProvider.System.GetUtcNow()).ToBytes(), Cancel);
        if (onAzure)
        {
            await queue.SendAsync(message, MessageText.DefaultTimeToLive, Cancel);
            return;
        }

        var receipt = Path.GetFileName(Assert.Single(Directory.GetFiles(Path.Combine(folder.Path, "state", "queues", RestoreMessage.Queue))));
        Assert.NotNull(await queue.RenewAsync(new ReceivedMessage("", receipt, message, 1, default, default, default), TimeSpan.Zero, Cancel));
    }

    private static async Task<JsonElement> EndOfAsync(HostProcess host, string request)
    {
        JsonElement run = default;
        await Eventually.HoldsAsync(async () =>
        {
            using var response = await host.Http.GetAsync($"/api/runs/{request}", Cancel);
            if (!response.IsSuccessStatusCode) return false;
            run = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
            // The worker of the dead host may have had the time to say that it was cancelled.
            return run.GetProperty("finished_at").ValueKind == JsonValueKind.String && run.GetProperty("status").GetString() != "cancelled";
        }, () => $"The run has no end: {run}");
        return run;
    }

    /// <summary>But for the message that the dead host has hidden on Azure.</summary>
    private static Task DrainedAsync(IMessageQueue queue, bool onAzure) =>
        Eventually.HoldsAsync(async () => await queue.CountAsync(Cancel) == (onAzure ? 1 : 0), () => "The message was not consumed.");

    private static async Task<(uint Database, long Markers, long Previous, long Scratch)> FactsAsync(DatabaseUrl target, DatabaseUrl restored, string request)
    {
        await using var connection = await restored.OpenAsync();
        return (
            await connection.AskAsync<uint>("select oid from pg_database where datname = current_database()"),
            await connection.AskAsync<long>($"select count(*) from deepsight.restores where request_id = '{request}'"),
            await connection.AskAsync<long>($@"select count(*) from pg_database where datname like '{target.Database}\_\_before\_%'"),
            await connection.AskAsync<long>(@"select count(*) from pg_database where datname like '%\_\_restore\_%'"));
    }
}
