using DeepSight.Core;
using DeepSight.Core.Queues;
using DeepSight.LocalHost.Settings;
using Microsoft.Extensions.Logging;

namespace DeepSight.LocalHost.Queues;

/// <summary>Takes messages from one queue, as many at a time as host.json says, until the host stops.</summary>
internal sealed class QueueListener(
    QueueFunction target, MessageProcessor processor, HostJson options, HostTimings timings, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan LongestOutagePause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ReceivePatience = TimeSpan.FromSeconds(2);

    public async Task RunAsync(CancellationToken stopping)
    {
        var running = new List<Task>();
        var empty = new Pause(timings.FirstPoll, LongestPoll);
        var outage = new Pause(timings.StorageRetry, LongestOutagePause);

        while (!stopping.IsCancellationRequested)
        {
            if (running.Count > options.Queues.NewBatchThreshold)
            {
                running.Remove(await Task.WhenAny(running));
                continue;
            }

            try
            {
                var batch = await ReceiveAsync(stopping);
                if (outage.IsOver()) logger.LogInformation("The queue {Queue} answers again.", target.Queue.Name);

                running.AddRange(batch.Select(message => processor.ProcessAsync(message, stopping)));
                if (batch.Count > 0) empty.Reset();
                else await WaitAsync(empty.Next(), stopping);
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                if (e is not DeepSightException failure) logger.LogError(e, "Receiving from {Queue} failed; trying again.", target.Queue.Name);
                else if (!outage.IsOn) logger.LogError("{Problem} {Hint} '{Function}' waits for it.", failure.Message, failure.Hint, target.Function.Name);
                await WaitAsync(outage.Next(), stopping);
            }
        }

        await Task.WhenAll(running);
    }

    private TimeSpan LongestPoll =>
        target.IsLocal && timings.LongestFolderPoll < options.Queues.MaxPollingInterval ? timings.LongestFolderPoll : options.Queues.MaxPollingInterval;

    /// <summary>A receive that is under way is let finish, if it does so soon: cut off, it may have hidden messages that nobody has.</summary>
    private async Task<IReadOnlyList<ReceivedMessage>> ReceiveAsync(CancellationToken stopping)
    {
        using var patience = new CancellationTokenSource();
        await using var _ = stopping.Register(() => patience.CancelAfter(ReceivePatience));
        var batch = await target.Queue.ReceiveAsync(options.Queues.BatchSize, timings.MessageVisibility, patience.Token);
        if (!stopping.IsCancellationRequested) return batch;

        foreach (var message in batch) await target.Queue.RenewAsync(message, TimeSpan.Zero, patience.Token);
        return [];
    }

    private async Task WaitAsync(TimeSpan time, CancellationToken stopping) =>
        await Task.Delay(time, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
