namespace DeepSight.Core.Runs;

/// <summary>Writes a record at the start, renews it while the job runs, with its progress, and writes its end.</summary>
internal sealed class RunHeartbeat : IProgress<RunProgress>, IAsyncDisposable
{
    /// <summary>Between two renewals of a job that reports no progress.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    /// <summary>Between two renewals, whatever the job reports.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(5);

    /// <summary>Long enough that two missed renewals don't make a living job look lost.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(15);

    /// <summary>Less of a phase says nothing about the rest.</summary>
    private const double FirstEstimate = 0.01;

    private readonly Func<RunRecord, Task> write;
    private readonly TimeProvider clock;
    private readonly CancellationTokenSource ended;
    private readonly Task beating;
    private volatile Reported? latest;

    public RunHeartbeat(Func<RunRecord, Task> write, RunRecord started, TimeProvider clock, CancellationToken cancellationToken)
    {
        this.write = write;
        this.clock = clock;
        ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        beating = BeatAsync(started);
    }

    /// <summary>Cheap: a job may report after every block.</summary>
    public void Report(RunProgress value) =>
        latest = new Reported(value, latest is { } before && before.Progress.Phase == value.Phase ? before.PhaseBegan : clock.GetUtcNow());

    /// <returns>The record as it was written last.</returns>
    public async Task<RunRecord> EndAsync(RunRecord record)
    {
        // The last renewal must not overtake the end.
        await StopAsync();
        var ended = record with { AliveUntil = null, FinishedAt = clock.GetUtcNow() };
        await write(ended);
        return ended;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        ended.Dispose();
    }

    private async Task BeatAsync(RunRecord record)
    {
        while (!ended.IsCancellationRequested)
        {
            var told = latest;
            var now = clock.GetUtcNow();
            await write(record with { AliveUntil = now + Lease, Progress = told?.AsOf(now) });
            var written = clock.GetTimestamp();
            do await Task.Delay(Pace, clock, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (!ended.IsCancellationRequested && latest == told && clock.GetElapsedTime(written) < Interval);
        }
    }

    private async Task StopAsync()
    {
        await ended.CancelAsync();
        await beating;
    }

    private sealed record Reported(RunProgress Progress, DateTimeOffset PhaseBegan)
    {
        public RunProgress AsOf(DateTimeOffset now) => Progress with
        {
            At = now,
            EndsAt = Progress.Done is > FirstEstimate and < 1 and var done ? now + (now - PhaseBegan) * ((1 - done) / done) : null,
        };
    }
}
