using System.Diagnostics.CodeAnalysis;
using DeepSight.Core;
using DeepSight.LocalHost.Timers;
using DeepSight.Tests.Storage;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace DeepSight.Tests.LocalHost;

public sealed class TimerTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public sealed class Daily(Probe probe)
    {
        [Function("Daily")]
        public Task Run([TimerTrigger("0 0 3 * * *")] TimerInfo timer, FunctionContext context, CancellationToken cancellationToken) =>
            probe.CallAsync($"daily{(timer.IsPastDue ? " late" : "")} next {timer.ScheduleStatus!.Next:dd HH:mm} retry {context.RetryContext.RetryCount}", cancellationToken);
    }

    public sealed class Often(Probe probe)
    {
        [Function("Often")]
        public Task Run([TimerTrigger("*/20 * * * * *")] TimerInfo timer) =>
            probe.CallAsync($"often, status {(timer.ScheduleStatus is null ? "none" : "kept")}", CancellationToken.None);
    }

    public sealed class AtStart(Probe probe)
    {
        [Function("AtStart")]
        public Task Run([TimerTrigger("%WHEN%", RunOnStartup = true)] TimerInfo timer) => probe.CallAsync($"start {timer.IsPastDue}", CancellationToken.None);
    }

    public sealed class Stubborn(Probe probe)
    {
        [Function("Stubborn"), FixedDelayRetry(3, "00:10:00")]
        public Task Run([TimerTrigger("0 0 3 * * *")] TimerInfo timer, FunctionContext context, CancellationToken cancellationToken) =>
            probe.CallAsync($"try {context.RetryContext.RetryCount} of {context.RetryContext.MaxRetryCount}", cancellationToken);
    }

    [Fact]
    public async Task A_timer_runs_when_it_is_due_and_not_before()
    {
        await using var app = await TestApp.StartAsync(typeof(Daily));
        await app.AdvanceUntilAsync(() => app.Clock.GetUtcNow() >= TestApp.Start.AddMinutes(59), Minute, Hour);
        Assert.Empty(app.Probe.Calls);

        await app.AdvanceUntilAsync(() => app.Probe.Calls.Count == 1, Minute, Minute * 3);
        Assert.Equal("daily next 23 03:00 retry 0", app.Probe.Calls[0]);
        await app.AdvanceUntilAsync(() => app.Probe.Calls.Count == 2, Hour, Hour * 26);
        Assert.Equal("daily next 24 03:00 retry 0", app.Probe.Calls[1]);
    }

    [Fact]
    public async Task A_run_missed_while_the_host_was_down_is_made_up_for_once_and_says_so()
    {
        using var state = new TemporaryFolder();
        var clock = new FakeTimeProvider(TestApp.Start);
        await using (var before = await TestApp.StartAsync(new TestAppOptions { StateFolder = state.Path, Clock = clock }, typeof(Daily)))
            await before.EventuallyAsync(() => File.Exists(Path.Combine(state.Path, "timers", "Daily.json")));

        clock.Advance(TimeSpan.FromDays(3));
        await using var after = await TestApp.StartAsync(new TestAppOptions { StateFolder = state.Path, Clock = clock }, typeof(Daily));
        await after.EventuallyAsync(() => after.Log.Has("Succeeded"));
        Assert.Equal(["daily late next 23 03:00 retry 0"], after.Probe.Calls);

        await after.AdvanceUntilAsync(() => after.Probe.Calls.Count == 2, Minute * 10, Hour * 2);
        Assert.Equal("daily next 26 03:00 retry 0", after.Probe.Calls[1]);
    }

    [Fact]
    public async Task A_host_that_was_down_and_missed_nothing_runs_nothing()
    {
        using var state = new TemporaryFolder();
        var clock = new FakeTimeProvider(TestApp.Start);
        await using (var before = await TestApp.StartAsync(new TestAppOptions { StateFolder = state.Path, Clock = clock }, typeof(Daily)))
            await before.AdvanceUntilAsync(() => before.Log.Has("Succeeded"), Minute, Hour * 2);

        clock.Advance(Hour * 5);
        await using var after = await TestApp.StartAsync(new TestAppOptions { StateFolder = state.Path, Clock = clock }, typeof(Daily));
        Assert.Contains("next 2026-11-24 03:00 UTC, last run 5 h ago", after.Table, StringComparison.Ordinal);
        await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.Empty(after.Probe.Calls);
    }

    [Fact]
    public async Task A_schedule_more_often_than_a_minute_keeps_no_status()
    {
        using var state = new TemporaryFolder();
        await using var app = await TestApp.StartAsync(new TestAppOptions { StateFolder = state.Path }, typeof(Often));
        await app.AdvanceUntilAsync(() => app.Probe.Calls.Count >= 2, TimeSpan.FromSeconds(20), Minute * 2);
        Assert.All(app.Probe.Calls, call => Assert.Equal("often, status none", call));
        Assert.False(File.Exists(Path.Combine(state.Path, "timers", "Often.json")));
    }

    [Fact]
    public async Task RunOnStartup_runs_at_start_and_by_schedule_after_that()
    {
        await using var app = await TestApp.StartAsync(new TestAppOptions { Settings = { ["WHEN"] = "01:00:00" } }, typeof(AtStart));
        await app.EventuallyAsync(() => app.Probe.Calls.Count == 1);
        await app.AdvanceUntilAsync(() => app.Probe.Calls.Count == 2, Minute * 5, Hour * 2);
        Assert.Equal(["start False", "start False"], app.Probe.Calls);
    }

    [Fact]
    public async Task A_failed_run_is_tried_again_by_its_rule_and_then_waits_for_the_next_day()
    {
        await using var app = await TestApp.StartAsync(typeof(Stubborn));
        app.Probe.Behaviour = (_, _) => throw new InvalidOperationException("no disk");
        await app.AdvanceUntilAsync(() => app.Probe.Calls.Count == 4, Minute, Hour * 2);
        Assert.Equal(["try 0 of 3", "try 1 of 3", "try 2 of 3", "try 3 of 3"], app.Probe.Calls);
        Assert.True(app.Clock.GetUtcNow() - TestApp.Start >= TimeSpan.FromMinutes(90));
        Assert.Equal(3, app.Log.Count("'Stubborn' is tried again in 00:10:00 after: "));

        await app.AdvanceUntilAsync(() => app.Probe.Calls.Count == 5, Hour, Hour * 26);
        Assert.Equal("try 0 of 3", app.Probe.Calls[4]);
    }

    [Fact]
    public async Task A_retry_that_succeeds_ends_the_trying()
    {
        await using var app = await TestApp.StartAsync(typeof(Stubborn));
        app.Probe.Behaviour = (call, _) => call == "try 1 of 3" ? Task.CompletedTask : throw new InvalidOperationException("no disk");
        await app.AdvanceUntilAsync(() => app.Log.Has("Succeeded"), Minute, Hour * 2);
        await app.AdvanceUntilAsync(() => app.Clock.GetUtcNow() > TestApp.Start.AddHours(5), Hour, Hour * 6);
        Assert.Equal(2, app.Probe.Calls.Count);
    }

    [Fact]
    public async Task Two_hosts_on_one_folder_run_a_timer_once_and_the_second_takes_over()
    {
        using var state = new TemporaryFolder();
        var options = new TestAppOptions { StateFolder = state.Path, Clock = new FakeTimeProvider(TestApp.Start), Probe = new Probe() };
        var first = await TestApp.StartAsync(options, typeof(Daily));
        await first.EventuallyAsync(() => File.Exists(Path.Combine(state.Path, "timers", "Daily.json")));
        await using var second = await TestApp.StartAsync(options, typeof(Daily));
        await second.EventuallyAsync(() => second.Log.Has("'Daily' is run by another host; this one stands by."));

        await first.AdvanceUntilAsync(() => options.Probe.Calls.Count > 0, Minute, Hour * 2);
        await first.AdvanceUntilAsync(() => first.Clock.GetUtcNow() > TestApp.Start.AddHours(20), Hour, Hour * 26);
        Assert.Single(options.Probe.Calls);

        await first.DisposeAsync();
        await second.AdvanceUntilAsync(() => options.Probe.Calls.Count == 2, Minute * 10, Hour * 10);
        Assert.Equal("daily next 24 03:00 retry 0", options.Probe.Calls[1]);
        await second.EventuallyAsync(() => second.Log.Count("Succeeded") == 1);
    }

    [Fact]
    public async Task A_run_that_the_stop_of_the_host_cut_off_is_made_up_for()
    {
        using var state = new TemporaryFolder();
        var clock = new FakeTimeProvider(TestApp.Start);
        await using (var before = await TestApp.StartAsync(new TestAppOptions { StateFolder = state.Path, Clock = clock }, typeof(Daily)))
        {
            before.Probe.Behaviour = (_, token) => Task.Delay(Timeout.Infinite, token);
            await before.AdvanceUntilAsync(() => before.Probe.Calls.Count == 1, Minute, Hour * 2);
            await before.StopAsync();
            Assert.True(before.Log.Has("Cancelled"));
        }

        clock.Advance(Minute);
        await using var after = await TestApp.StartAsync(new TestAppOptions { StateFolder = state.Path, Clock = clock }, typeof(Daily));
        await after.EventuallyAsync(() => after.Log.Has("Succeeded"));
        Assert.Equal(["daily late next 23 03:00 retry 0"], after.Probe.Calls);
    }

    [Fact]
    public async Task A_broken_status_file_is_begun_anew()
    {
        using var state = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(state.Path, "timers"));
        await File.WriteAllTextAsync(Path.Combine(state.Path, "timers", "Daily.json"), "{\"Last\":", TestContext.Current.CancellationToken);
        await using var app = await TestApp.StartAsync(new TestAppOptions { StateFolder = state.Path }, typeof(Daily));
        await app.AdvanceUntilAsync(() => app.Probe.Calls.Count == 1, Minute, Hour * 2);
        Assert.Equal("daily next 23 03:00 retry 0", app.Probe.Calls[0]);
    }

    [Theory]
    [InlineData("""{"Last":"2099-01-01T03:00:00","Next":"2099-01-02T03:00:00","LastUpdated":"2099-01-01T03:00:00"}""")]
    [InlineData("""{"Last":"0001-01-01T00:00:00","Next":"2099-01-02T03:00:00","LastUpdated":"2099-01-01T03:00:00"}""")]
    [InlineData("""{"Last":"9999-12-31T23:59:59","Next":"9999-12-31T23:59:59","LastUpdated":"9999-12-31T23:59:59"}""")]
    public async Task A_status_of_a_time_to_come_is_not_used_and_told(string status)
    {
        using var state = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(state.Path, "timers"));
        await File.WriteAllTextAsync(Path.Combine(state.Path, "timers", "Daily.json"), status, TestContext.Current.CancellationToken);
        await using var app = await TestApp.StartAsync(new TestAppOptions { StateFolder = state.Path }, typeof(Daily));
        Assert.Contains("next 2026-11-23 03:00 UTC", app.Table, StringComparison.Ordinal);
        await app.AdvanceUntilAsync(() => app.Probe.Calls.Count == 1, Minute, Hour * 2);
        Assert.Equal("daily next 23 03:00 retry 0", app.Probe.Calls[0]);
        Assert.True(app.Log.Has("Warning Timers: The status of the timer 'Daily' is of "));
    }

    [Fact]
    public async Task A_clock_that_is_set_back_while_the_host_runs_stops_no_timer()
    {
        var clock = new SettableClock(TestApp.Start.AddYears(70));
        await using var app = await TestApp.StartAsync(new TestAppOptions { Clock = clock }, typeof(Daily));
        await app.AdvanceUntilAsync(() => app.Probe.Calls.Count == 1, Minute, Hour * 2);

        clock.SetBack(TestApp.Start);
        await app.AdvanceUntilAsync(() => app.Probe.Calls.Count == 2, Minute, Hour * 2);
        Assert.Equal("daily next 23 03:00 retry 0", app.Probe.Calls[1]);
        Assert.True(app.Log.Has("Warning Timers: The status of the timer 'Daily' is of 2096-"));
    }

    [Fact]
    public async Task A_state_folder_that_takes_nothing_is_told_and_costs_no_run()
    {
        // A file where the folder should be: root, as whom tests may run, writes into any folder.
        using var state = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(state.Path, "timers"), "", TestContext.Current.CancellationToken);
        await using var app = await TestApp.StartAsync(new TestAppOptions { StateFolder = state.Path }, typeof(Daily));
        await app.AdvanceUntilAsync(() => app.Probe.Calls.Count == 2, Minute * 10, Hour * 26);

        Assert.True(app.Log.Has("Error Timers: The lock of the timer 'Daily' can't be taken; it runs without"));
        Assert.True(app.Log.Has("Error Timers: Could not write the timer status of 'Daily'"));
        Assert.Contains("Could not write the timer status", await app.Http.GetStringAsync(new Uri("/admin/host/status", UriKind.Relative), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    [SuppressMessage("Interoperability", "CA1416", Justification = "The suite runs on Linux.")]
    public async Task Nobody_else_can_open_what_timers_lock_and_a_folder_of_others_is_refused()
    {
        using var state = new TemporaryFolder();
        var timers = Path.Combine(state.Path, "timers");
        // As an older host left it under a wide umask.
        Directory.CreateDirectory(timers, (UnixFileMode)0b111_101_101);
        await using (var app = await TestApp.StartAsync(new TestAppOptions { StateFolder = state.Path }, typeof(Daily)))
            await app.EventuallyAsync(() => File.Exists(Path.Combine(timers, "Daily.json")));

        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(timers));
        Assert.All(Directory.GetFiles(timers), file => Assert.Equal((UnixFileMode)0b110_000_000, File.GetUnixFileMode(file)));

        File.SetUnixFileMode(timers, (UnixFileMode)0b111_111_111);
        Assert.Equal(FailureKind.Refused, Assert.Throws<DeepSightException>(() => TestApp.Build(new TestAppOptions { StateFolder = state.Path }, typeof(Daily))).Kind);
    }

    [Fact]
    public async Task Whatever_a_store_throws_the_timer_goes_on_and_a_part_that_fails_is_no_good_end()
    {
        var store = new FailingStore();
        await using (var app = await TestApp.StartAsync(new TestAppOptions { ConfigureHost = services => services.AddSingleton<ITimerStore>(store) }, typeof(Daily)))
        {
            await app.EventuallyAsync(() => app.Log.Has("The timer 'Daily' failed; it begins anew."));
            store.Fails = false;
            await app.AdvanceUntilAsync(() => app.Probe.Calls.Count == 1, Minute, Hour * 2);
        }

        await using var failing = TestApp.Build(new TestAppOptions { ConfigureHost = services => services.AddHostedService<FailingService>() }, typeof(Daily));
        Assert.Equal(FailureKind.Failed, (await Assert.ThrowsAsync<DeepSightException>(failing.RunToEndAsync)).Kind);
    }

    private sealed class SettableClock(DateTimeOffset start) : FakeTimeProvider(start)
    {
        private TimeSpan back;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - back;

        public void SetBack(DateTimeOffset to) => back += GetUtcNow() - to;
    }

    private sealed class FailingStore : ITimerStore
    {
        public bool Fails { get; set; } = true;

        public string Location => "nowhere";

        public Task<DeepSight.LocalHost.Timers.ScheduleStatus?> ReadAsync(string function, CancellationToken cancellationToken) => Task.FromResult<DeepSight.LocalHost.Timers.ScheduleStatus?>(null);

        public Task WriteAsync(string function, DeepSight.LocalHost.Timers.ScheduleStatus status, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<ITimerLease?> TryLeaseAsync(string function, CancellationToken cancellationToken) =>
            Fails ? throw new InvalidOperationException("odd") : Task.FromResult<ITimerLease?>(new Held());

        private sealed class Held : ITimerLease
        {
            public Task<bool> RenewAsync(CancellationToken cancellationToken) => Task.FromResult(true);

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }

    private sealed class FailingService(IHostApplicationLifetime lifetime) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lifetime.ApplicationStarted.Register(started.SetResult);
            await started.Task;
            throw new InvalidOperationException("odd");
        }
    }

    [Fact]
    public async Task A_timer_that_runs_over_its_next_moment_catches_up_once()
    {
        await using var app = await TestApp.StartAsync(new TestAppOptions { Settings = { ["WHEN"] = "0 0 * * * *" } }, typeof(AtStart));
        await app.EventuallyAsync(() => app.Log.Count("Succeeded") == 1);
        var gate = new TaskCompletionSource();
        app.Probe.Behaviour = (_, _) => gate.Task;
        await app.AdvanceUntilAsync(() => app.Probe.Calls.Count == 2, Minute, Hour * 2);
        await app.AdvanceUntilAsync(() => app.Clock.GetUtcNow() > TestApp.Start.AddHours(4.5), Minute * 30, Hour * 5);
        app.Probe.Behaviour = (_, _) => Task.CompletedTask;
        gate.SetResult();

        await app.EventuallyAsync(() => app.Log.Count("Succeeded") == 3);
        await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.Equal(3, app.Probe.Calls.Count);
    }
}
