using System.Globalization;
using DeepSight.Core.Queues;
using DeepSight.Tests.Storage;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Time.Testing;

namespace DeepSight.Tests.LocalHost;

/// <summary>Queue functions on the directory queue, where the clock is the test's.</summary>
public sealed class QueueTests : IDisposable
{
    private const string Name = "restore-requests";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly TemporaryFolder state = new();
    private readonly FakeTimeProvider clock = new(TestApp.Start);

    public sealed class Restore(Probe probe)
    {
        [Function("Restore")]
        public Task Run([QueueTrigger(Name)] string message, CancellationToken cancellationToken) => probe.CallAsync(message, cancellationToken);
    }

    public sealed class Curious(Probe probe)
    {
        [Function("Curious")]
        public Task Run([QueueTrigger(Name)] string message, FunctionContext context)
        {
            var data = context.BindingContext.BindingData;
            return probe.CallAsync($"{data["Id"]}|{data["DequeueCount"]}|{data["InsertionTime"]}", CancellationToken.None);
        }
    }

    private TestAppOptions Options => new() { StateFolder = state.Path, Clock = clock };

    private TestAppOptions Doing(Func<string, CancellationToken, Task> behaviour) => Options with { Probe = new Probe { Behaviour = behaviour } };

    private IMessageQueue Queue(string name = Name) => MessageQueues.InFolder(state.Path, clock).Open(name);

    private Task<string> SendAsync(string text) => Queue().SendAsync(text, MessageText.DefaultTimeToLive, TestContext.Current.CancellationToken);

    private Task<int> CountAsync(string name = Name) => Queue(name).CountAsync(TestContext.Current.CancellationToken);

    private async Task EmptyAsync(TestApp app)
    {
        for (var tries = 0; await CountAsync() > 0; tries++)
        {
            Assert.True(tries < 500, app.Log.ToString());
            clock.Advance(Second);
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public void Dispose() => state.Dispose();

    [Theory]
    [InlineData("""{"schema_version":1}""")]
    [InlineData("not JSON at all")]
    [InlineData("{ half JSON")]
    [InlineData("eyJzY2hlbWFfdmVyc2lvbiI6MX0=")]
    public async Task A_message_reaches_the_function_as_it_is_and_is_gone_then(string text)
    {
        await SendAsync(text);
        await using var app = await TestApp.StartAsync(Options, typeof(Restore));
        await EmptyAsync(app);
        Assert.Equal([text], app.Probe.Calls);
        Assert.Contains("restore-requests (directory queue), ", app.Table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_function_learns_of_its_message()
    {
        await SendAsync("""{"target":"db","request_id":"r"}""");
        var id = (await Queue().PeekAsync(1, TestContext.Current.CancellationToken)).Single().Id;
        await using var app = await TestApp.StartAsync(Options, typeof(Curious));
        await EmptyAsync(app);
        Assert.Equal([$"{id}|1|\"2026-11-23T02:00:00+00:00\""], app.Probe.Calls);
    }

    [Fact]
    public async Task A_message_whose_function_throws_is_in_the_poison_queue_after_five_tries()
    {
        await SendAsync("bad");
        await using var app = await TestApp.StartAsync(Doing((_, _) => throw new InvalidOperationException("no such backup")), typeof(Restore));
        await EmptyAsync(app);
        Assert.Equal(5, app.Probe.Calls.Count);
        Assert.Equal(["bad"], (await Queue($"{Name}-poison").PeekAsync(32, TestContext.Current.CancellationToken)).Select(message => message.Text));
        await app.EventuallyAsync(() => app.Log.Has($"failed 5 times; moving it to {Name}-poison"));
    }

    [Fact]
    public async Task MaxDequeueCount_and_the_rest_after_a_failure_are_host_jsons()
    {
        const string hostJson = """{"extensions":{"queues":{"messageEncoding":"none","maxDequeueCount":2,"visibilityTimeout":"00:01:00"}}}""";
        await SendAsync("bad");
        var options = Doing((_, _) => throw new InvalidOperationException("no")) with { HostJson = hostJson };
        await using var app = await TestApp.StartAsync(options, typeof(Restore));
        await app.EventuallyAsync(() => app.Probe.Calls.Count == 1);
        await app.AdvanceUntilAsync(() => clock.GetUtcNow() >= TestApp.Start + TimeSpan.FromSeconds(55), Second, Minute);
        Assert.Single(app.Probe.Calls);
        await EmptyAsync(app);
        Assert.Equal(2, app.Probe.Calls.Count);
        Assert.Equal(1, await CountAsync($"{Name}-poison"));
    }

    [Fact]
    public async Task A_function_that_runs_for_twelve_minutes_gets_its_message_once_though_two_hosts_listen()
    {
        await SendAsync("long");
        var options = Doing((_, token) => Task.Delay(TimeSpan.FromMinutes(12), clock, token));
        await using var first = await TestApp.StartAsync(options, typeof(Restore));
        await using var second = await TestApp.StartAsync(options, typeof(Restore));
        await first.AdvanceUntilAsync(() => first.Log.Has("Succeeded") || second.Log.Has("Succeeded"), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(13), pace: 100);
        await first.EventuallyAsync(async () => await CountAsync() == 0);
        await first.AdvanceUntilAsync(() => clock.GetUtcNow() >= TestApp.Start.AddMinutes(40), Minute, TimeSpan.FromMinutes(30));

        Assert.Equal(["long"], first.Probe.Calls);
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task Two_hundred_messages_are_drained_in_order()
    {
        for (var i = 0; i < 200; i++) await SendAsync(i.ToString(CultureInfo.InvariantCulture));
        await using var app = await TestApp.StartAsync(Options, typeof(Restore));
        await EmptyAsync(app);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => i.ToString(CultureInfo.InvariantCulture)), app.Probe.Calls);
    }

    [Fact]
    public async Task No_more_run_at_once_than_batch_and_threshold_allow()
    {
        const string hostJson = """{"extensions":{"queues":{"messageEncoding":"none","batchSize":2,"newBatchThreshold":1}}}""";
        for (var i = 0; i < 12; i++) await SendAsync($"{i}");
        var (now, most) = (0, 0);
        var options = Doing(async (_, token) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref now));
            await Task.Delay(30, token);
            Interlocked.Decrement(ref now);
        });
        await using var app = await TestApp.StartAsync(options with { HostJson = hostJson }, typeof(Restore));
        await EmptyAsync(app);
        Assert.Equal(12, app.Probe.Calls.Count);
        Assert.InRange(most, 2, 3);
    }

    [Fact]
    public async Task With_messageEncoding_base64_what_does_not_decode_fails_without_reaching_the_function()
    {
        const string hostJson = """{"extensions":{"queues":{}}}""";
        await SendAsync("not base64!");
        await SendAsync("aGVsbG8=");
        await using var app = await TestApp.StartAsync(Options with { HostJson = hostJson }, typeof(Restore));
        await EmptyAsync(app);
        Assert.Equal(["hello"], app.Probe.Calls);
        Assert.Equal(["not base64!"], (await Queue($"{Name}-poison").PeekAsync(1, TestContext.Current.CancellationToken)).Select(message => message.Text));
        Assert.Equal(5, app.Log.Count("did not reach 'Restore'"));
    }

    [Fact]
    public async Task A_function_over_its_time_sees_its_token_fire_and_the_message_comes_back()
    {
        const string hostJson = """{"functionTimeout":"00:05:00","extensions":{"queues":{"messageEncoding":"none"}}}""";
        await SendAsync("slow");
        var first = true;
        var options = Doing((_, token) =>
        {
            var wait = first ? Timeout.Infinite : 0;
            first = false;
            return Task.Delay(wait, token);
        });
        await using var app = await TestApp.StartAsync(options with { HostJson = hostJson }, typeof(Restore));
        await Eventually.HoldsAsync(() => app.Probe.Calls.Count > 0, app.Log.ToString!);
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        await Eventually.HoldsAsync(() => app.Log.Has("was cancelled after its functionTimeout of 00:05:00."), app.Log.ToString!);
        await EmptyAsync(app);
        Assert.Equal(["slow", "slow"], app.Probe.Calls);
    }

    [Fact]
    public async Task A_function_that_ignores_its_token_has_its_worker_killed_and_its_message_comes_back()
    {
        const string hostJson = """{"functionTimeout":"00:05:00","extensions":{"queues":{"messageEncoding":"none"}}}""";
        var never = new TaskCompletionSource();
        await SendAsync("stuck");
        var first = true;
        var options = Doing((_, _) =>
        {
            var answer = first ? never.Task : Task.CompletedTask;
            first = false;
            return answer;
        });
        await using var app = await TestApp.StartAsync(options with { HostJson = hostJson }, typeof(Restore));
        await app.AdvanceUntilAsync(() => app.Log.Has("and ignored it"), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(7));
        await EmptyAsync(app);

        await app.EventuallyAsync(() => app.Log.Has("The worker is killed"));
        Assert.Equal(["stuck", "stuck"], app.Probe.Calls);
        never.SetResult();
    }

    [Fact]
    public async Task A_stopping_host_cancels_its_function_and_gives_the_message_back()
    {
        await SendAsync("interrupted");
        await using (var app = await TestApp.StartAsync(Doing((_, token) => Task.Delay(Timeout.Infinite, token)), typeof(Restore)))
        {
            await app.EventuallyAsync(() => app.Probe.Calls.Count == 1);
            await app.StopAsync();
        }

        var message = (await Queue().PeekAsync(1, TestContext.Current.CancellationToken)).Single();
        Assert.Equal(("interrupted", 1), (message.Text, message.DequeueCount));
    }

    [Fact]
    public async Task A_disabled_function_leaves_its_queue_alone()
    {
        await SendAsync("x");
        await using var app = await TestApp.StartAsync(Options with { Settings = new() { ["AzureWebJobs.Restore.Disabled"] = "true" } }, typeof(Restore));
        await app.AdvanceUntilAsync(() => clock.GetUtcNow() > TestApp.Start.AddSeconds(20), Second, Minute);
        Assert.Empty(app.Probe.Calls);
        Assert.Equal(1, await CountAsync());
    }
}
