using System.Globalization;
using System.Net;
using Azure.Storage.Blobs;
using DeepSight.Core.Queues;
using DeepSight.LocalHost.Settings;
using DeepSight.LocalHost.Timers;
using DeepSight.Tests.Queues;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Time.Testing;
using ScheduleStatus = DeepSight.LocalHost.Timers.ScheduleStatus;

namespace DeepSight.Tests.LocalHost;

/// <summary>The host on a storage account: queues and timer status there, and what happens when it goes away.</summary>
public sealed class AzureStorageTests(SharedAzurite azurite)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public sealed class App(Probe probe)
    {
        [Function("Daily")]
        public Task Daily([TimerTrigger("0 0 3 * * *")] TimerInfo timer) => probe.CallAsync($"daily {timer.IsPastDue}", CancellationToken.None);

        [Function("Restore")]
        public Task Restore([QueueTrigger("%QUEUE%")] string message, CancellationToken cancellationToken) => probe.CallAsync(message, cancellationToken);

        [Function("Health")]
        public static IResult Health([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) => TypedResults.Ok();
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Apart from other tests by the queue's name and the host's id.</summary>
    private static TestAppOptions Options(string connection, string id) => new()
    {
        Settings =
        {
            ["AzureWebJobsStorage"] = connection,
            ["AzureFunctionsWebHost:hostid"] = id,
            ["QUEUE"] = id,
        },
        Probe = new Probe(),
        Timings = new HostTimings { StorageRetry = TimeSpan.FromMilliseconds(100), ShutdownWait = TimeSpan.FromSeconds(5) },
    };

    private static IMessageQueue Queue(string connection, string name) =>
        new AzureStorageQueues(StorageConnection.Find("S", key => key == "S" ? connection : null)!.Queues()).Open(name);

    private static string NewId() => $"t{Guid.NewGuid():N}";

    [Fact]
    public async Task Two_hosts_on_one_account_run_a_timer_once_and_the_second_takes_over()
    {
        var (id, connection) = (NewId(), await azurite.ConnectionStringAsync());
        var options = Options(connection, id) with { Clock = new FakeTimeProvider(TestApp.Start) };
        var first = await TestApp.StartAsync(options, typeof(App));
        var status = new BlobContainerClient(connection, "azure-webjobs-hosts").GetBlobClient($"timers/{id}/Daily/status");
        await first.EventuallyAsync(async () => await status.ExistsAsync(Cancelled));
        await using var second = await TestApp.StartAsync(options, typeof(App));
        await second.EventuallyAsync(() => second.Log.Has("'Daily' is run by another host"));

        await first.AdvanceUntilAsync(() => options.Probe!.Calls.Count > 0, Minute, TimeSpan.FromHours(2));
        await first.DisposeAsync();
        await second.AdvanceUntilAsync(() => options.Probe!.Calls.Count == 2, TimeSpan.FromMinutes(30), TimeSpan.FromHours(30));
        Assert.Equal(["daily False", "daily False"], options.Probe!.Calls);
        await second.EventuallyAsync(() => second.Log.Has("Daily: Succeeded"));
        await first.EventuallyAsync(() => (first.Log.Count("Daily: Succeeded"), second.Log.Count("Daily: Succeeded")) == (1, 1));
    }

    [Fact]
    public async Task A_run_missed_while_the_host_was_down_is_made_up_for()
    {
        var (id, connection) = (NewId(), await azurite.ConnectionStringAsync());
        var store = new BlobTimerStore(new BlobServiceClient(connection), id, Minute);
        await store.WriteAsync("Daily", new ScheduleStatus
        {
            Last = new DateTime(2026, 11, 20, 3, 0, 0, DateTimeKind.Utc),
            Next = new DateTime(2026, 11, 21, 3, 0, 0, DateTimeKind.Utc),
        }, Cancelled);

        await using var app = await TestApp.StartAsync(Options(connection, id), typeof(App));
        await app.EventuallyAsync(() => app.Probe.Calls.Count == 1);
        Assert.Equal(["daily True"], app.Probe.Calls);
    }

    [Fact]
    public async Task A_lease_that_is_lost_is_told_and_one_that_is_held_is_kept()
    {
        var (id, connection) = (NewId(), await azurite.ConnectionStringAsync());
        var store = new BlobTimerStore(new BlobServiceClient(connection), id, TimeSpan.FromSeconds(15));
        var lease = await store.TryLeaseAsync("Daily", Cancelled);
        Assert.Null(await store.TryLeaseAsync("Daily", Cancelled));
        Assert.True(await lease!.RenewAsync(Cancelled));

        await lease.DisposeAsync();
        Assert.NotNull(await store.TryLeaseAsync("Daily", Cancelled));
        Assert.False(await lease.RenewAsync(Cancelled));
    }

    [Fact]
    public async Task Two_hundred_messages_are_drained_in_order()
    {
        var (id, connection) = (NewId(), await azurite.ConnectionStringAsync());
        var queue = Queue(connection, id);
        for (var i = 0; i < 200; i++) await queue.SendAsync(i.ToString(CultureInfo.InvariantCulture), MessageText.DefaultTimeToLive, Cancelled);

        await using var app = await TestApp.StartAsync(Options(connection, id) with { RealTime = true }, typeof(App));
        await app.EventuallyAsync(() => app.Probe.Calls.Count(call => !call.StartsWith("daily", StringComparison.Ordinal)) == 200);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => i.ToString(CultureInfo.InvariantCulture)), app.Probe.Calls);
        Assert.Contains($"{id} (storage account 'deepsighttest')", app.Table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_whose_storage_is_away_at_start_stays_up_says_so_and_begins_when_it_comes()
    {
        await using var server = await Azurite.StartNewAsync();
        var id = NewId();
        await Queue(server.ConnectionString, id).SendAsync("waiting", MessageText.DefaultTimeToLive, Cancelled);
        await server.StopAsync();

        await using var app = await TestApp.StartAsync(Options(server.ConnectionString, id) with { RealTime = true }, typeof(App));
        Assert.Contains("does not answer yet", app.Table, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync(HttpMethod.Get, "/api/Health"));
        await app.EventuallyAsync(() => app.Log.Has($"Could not receive from the queue '{id}'") && app.Log.Has("Could not lease the timer 'Daily'"));

        await server.StartAsync();
        await app.EventuallyAsync(() => app.Probe.Calls.Count == 1 && app.Log.Has("The storage of the timer 'Daily' answers again."));
        Assert.Equal(["waiting"], app.Probe.Calls);
        Assert.Equal(1, app.Log.Count("Could not receive from the queue"));
    }

    [Fact]
    public async Task A_storage_that_goes_away_in_the_middle_of_a_function_does_not_make_it_run_twice()
    {
        await using var server = await Azurite.StartNewAsync();
        var id = NewId();
        var queue = Queue(server.ConnectionString, id);
        await queue.SendAsync("once", MessageText.DefaultTimeToLive, Cancelled);
        var gate = new TaskCompletionSource();
        var options = Options(server.ConnectionString, id) with { RealTime = true, Probe = new Probe { Behaviour = (_, _) => gate.Task } };

        await using var app = await TestApp.StartAsync(options, typeof(App));
        await app.EventuallyAsync(() => app.Probe.Calls.Count == 1);
        await server.StopAsync();
        gate.SetResult();
        await app.EventuallyAsync(() => app.Log.Has("'Restore' has succeeded; trying again to delete its message."));
        await server.StartAsync();
        await app.EventuallyAsync(async () => app.Log.Has("answers again") || await queue.CountAsync(Cancelled) == 0);

        Assert.Equal(["once"], app.Probe.Calls);
        await queue.SendAsync("next", MessageText.DefaultTimeToLive, Cancelled);
        await app.EventuallyAsync(() => app.Probe.Calls.Count == 2);
    }
}
