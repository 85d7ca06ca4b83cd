using System.Globalization;
using DeepSight.Core;
using DeepSight.Core.Queues;
using DeepSight.LocalHost.Http;
using DeepSight.LocalHost.Queues;
using DeepSight.LocalHost.Settings;
using DeepSight.LocalHost.Timers;
using DeepSight.LocalHost.Worker;

namespace DeepSight.LocalHost;

/// <summary>What the host prints when it is up: each function with its schedule, URL or queue, or why it doesn't run.</summary>
internal sealed class StartTable(FunctionApp app, AppSettings settings, KeyRing keys, ITimerStore timerStore, SettingsOrigin origin, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <param name="address">Where the host listens, such as <c>http://127.0.0.1:7071</c>.</param>
    public async Task<string> RenderAsync(string name, string address, CancellationToken cancellationToken)
    {
        if (app.Functions.Count == 0) return $"  {name}, local host, {address}: no functions found";

        var rows = await Task.WhenAll(app.Functions.Select(entry => RowAsync(entry, address, cancellationToken)));
        var widths = Enumerable.Range(0, 3).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var lines = rows.Select(row =>
            $"  {row[0].PadRight(widths[0])}   {row[1].PadRight(widths[1])}   {row[2].PadRight(row[3].Length > 0 ? widths[2] : 0)}   {row[3]}".TrimEnd());
        return string.Join(Environment.NewLine, [$"  {name}, local host, {address}      {origin}", .. lines]);
    }

    private async Task<string[]> RowAsync(FunctionEntry entry, string address, CancellationToken cancellationToken)
    {
        var name = entry.Function.Name;
        var kind = entry.Function.Kind switch
        {
            TriggerKind.Timer => "timer",
            TriggerKind.Queue => "queue",
            TriggerKind.Http => entry.Function.Texts("methods") is { Count: > 0 } methods ? string.Join(',', methods).ToUpperInvariant() : "any",
            _ => "?",
        };
        if (entry.Problem is not null) return [name, kind, $"error: {entry.Problem}", ""];
        if (entry.IsDisabled) return [name, kind, $"off: {settings.WhyDisabled(name)}", ""];

        return entry.Function.Kind switch
        {
            TriggerKind.Timer => [name, kind, .. await TimerAsync(app.Timers.Single(t => t.Function == entry.Function), cancellationToken)],
            TriggerKind.Queue => [name, kind, await QueueAsync(app.Queues.Single(q => q.Function == entry.Function), cancellationToken), ""],
            _ => [name, kind, Url(app.Http.Single(h => h.Function == entry.Function), address), ""],
        };
    }

    private string Url(HttpFunction http, string address) => http.Level == AccessLevel.Anonymous || !keys.IsConfigured
        ? address + http.Path
        : $"{address}{http.Path}   ({http.Level.ToString().ToLowerInvariant()} key)";

    private async Task<string[]> TimerAsync(TimerFunction timer, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (!timer.Monitored) return [timer.Schedule.Text, $"next {Time(timer.Schedule.Next(now))}"];

        return [timer.Schedule.Text, await TryAsync(async token =>
        {
            var kept = await timerStore.ReadAsync(timer.Function.Name, token);
            var status = ScheduleMonitor.Begin(timer.Schedule, kept, now);
            var next = ScheduleMonitor.IsPastDue(status, now) ? "next now, one was missed" : $"next {Time(ScheduleMonitor.Utc(status.Next))}";
            return status.Last == default ? next : $"{next}, last run {Age(now - ScheduleMonitor.Utc(status.Last))} ago";
        }, timerStore.Location, cancellationToken)];
    }

    private static Task<string> QueueAsync(QueueFunction target, CancellationToken cancellationToken) => TryAsync(async token =>
    {
        var waiting = await target.Queue.CountAsync(token);
        var poison = await target.Queues.Open(PoisonQueue.NameFor(target.Queue.Name)).CountAsync(token);
        return $"{target.Queue.Name} ({(target.IsLocal ? "directory queue" : target.Queues.Location)}), {waiting} waiting, {poison} poison";
    }, $"{target.Queue.Name} ({target.Queues.Location})", cancellationToken);

    /// <summary>A storage that doesn't answer must not keep the table from being printed; the listeners will say more.</summary>
    private static async Task<string> TryAsync(Func<CancellationToken, Task<string>> ask, string place, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            return await ask(limit.Token);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is DeepSightException or OperationCanceledException)
        {
            return $"{place} does not answer yet";
        }
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static string Age(TimeSpan age) => age.TotalDays >= 2 ? $"{age.TotalDays:0} d" : age.TotalHours >= 2 ? $"{age.TotalHours:0} h" : $"{age.TotalMinutes:0} min";
}

/// <summary>Where the settings come from, for the first line of the table.</summary>
/// <param name="File">The name of the settings file, or null where there is none.</param>
/// <param name="Overridden">How many of its values the environment or the command line replaces.</param>
internal sealed record SettingsOrigin(string? File, int Overridden)
{
    public override string ToString() => File is null ? "settings: the environment"
        : Overridden == 0 ? $"settings: {File}"
        : $"settings: {File} ({Overridden} overridden by the environment)";
}
