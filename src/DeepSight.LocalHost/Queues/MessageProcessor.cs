using DeepSight.LocalHost.Worker;
using DeepSight.Core;
using DeepSight.Core.Queues;
using DeepSight.LocalHost.Settings;
using Microsoft.Extensions.Logging;

namespace DeepSight.LocalHost.Queues;

/// <summary>One delivery of one message: run the function, then delete it, give it back, or move it to the poison queue.</summary>
internal sealed class MessageProcessor(
    QueueFunction target, FunctionInvoker invoker, HostJson options, HostTimings timings, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan LongestDeletePause = TimeSpan.FromSeconds(30);

    /// <summary>Never throws: what goes wrong is logged, and the message comes back by itself.</summary>
    public async Task ProcessAsync(ReceivedMessage message, CancellationToken stopping)
    {
        try
        {
            // A host that was killed in the middle leaves no failure behind, only the count.
            if (message.DequeueCount > options.Queues.MaxDequeueCount) await PoisonAsync(message);
            else await RunAsync(message, stopping);
        }
        catch (Exception e)
        {
            var failure = e as DeepSightException;
            logger.LogError(failure is null ? e : null, "{Problem} {Hint} The message {Id} comes back when its time ends.", e.Message, failure?.Hint, message.Id);
        }
    }

    private async Task RunAsync(ReceivedMessage message, CancellationToken stopping)
    {
        var lease = new MessageLease(target.Queue, message, timings.MessageVisibility, clock, logger);
        var outcome = await InvokeAsync(message, stopping);
        await lease.DisposeAsync();

        switch (outcome)
        {
            case true:
                await DeleteAsync(lease.Message, stopping);
                break;
            case false when message.DequeueCount >= options.Queues.MaxDequeueCount:
                await PoisonAsync(lease.Message);
                break;
            default:
                await target.Queue.RenewAsync(lease.Message, options.Queues.VisibilityTimeout, CancellationToken.None);
                break;
        }
    }

    /// <summary>Whether the function succeeded.</summary>
    private async Task<bool> InvokeAsync(ReceivedMessage message, CancellationToken stopping)
    {
        try
        {
            var text = MessageInput.Decode(message.Text, options.Queues.Base64);
            var input = MessageInput.Input(message, text, $"message {message.Id}, delivery {message.DequeueCount}");
            await Task.Run(() => invoker.InvokeAsync(target.Function, input, stopping), CancellationToken.None);
            return true;
        }
        catch (FormatException e)
        {
            logger.LogError("The message {Id} did not reach '{Function}': {Problem} host.json's messageEncoding is base64.",
                message.Id, target.Function.Name, e.Message);
            return false;
        }
        catch (Exception)
        {
            // Logged by the invoker, with the function's name.
            return false;
        }
    }

    private async Task PoisonAsync(ReceivedMessage message)
    {
        logger.LogWarning("The message {Id} failed {Count} times; moving it to {Queue}.",
            message.Id, Math.Min(message.DequeueCount, options.Queues.MaxDequeueCount), PoisonQueue.NameFor(target.Queue.Name));
        await PoisonQueue.MoveAsync(target.Queues, target.Queue, message, CancellationToken.None);
    }

    /// <summary>The work is done: while the message is still hidden, a storage that is away is waited for, so that it isn't done twice.</summary>
    private async Task DeleteAsync(ReceivedMessage message, CancellationToken stopping)
    {
        for (var pause = timings.StorageRetry; ; pause = Shorter(pause * 2, LongestDeletePause))
        {
            try
            {
                await target.Queue.DeleteAsync(message, CancellationToken.None);
                return;
            }
            catch (DeepSightException e) when (clock.GetUtcNow() + pause < message.NextVisible && !stopping.IsCancellationRequested)
            {
                logger.LogWarning("{Problem} '{Function}' has succeeded; trying again to delete its message.", e.Message, target.Function.Name);
                await Task.Delay(pause, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
