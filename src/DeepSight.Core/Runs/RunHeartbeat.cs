namespace DeepSight.Core.Runs;

/// <summary>Writes a record at the start, renews it while the job runs, and writes its end.</summary>
internal sealed class RunHeartbeat : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    /// <summary>Long enough that two missed renewals don't make a living job look lost.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(15);

    private readonly Func<RunRecord, Task> write;
    private readonly TimeProvider clock;
    private readonly CancellationTokenSource ended;
    private readonly Task beating;

    public RunHeartbeat(Func<RunRecord, Task> write, RunRecord started, TimeProvider clock, CancellationToken cancellationToken)
    {
        this.write = write;
        this.clock = clock;
        ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        beating = BeatAsync(started);
    }

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
            await write(record with { AliveUntil = clock.GetUtcNow() + Lease });
            await Task.Delay(Interval, clock, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task StopAsync()
    {
        await ended.CancelAsync();
        await beating;
    }
}
