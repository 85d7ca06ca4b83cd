using DeepSight.Core.Queues;
using Microsoft.Extensions.Logging;

namespace DeepSight.LocalHost.Queues;

/// <summary>Keeps a message hidden from others while its function runs: renewed at half of the time each time.</summary>
internal sealed class MessageLease : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);
    private readonly IMessageQueue queue;
    private readonly TimeSpan visibility;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly CancellationTokenSource ended = new();
    private readonly Task keeping;

    public MessageLease(IMessageQueue queue, ReceivedMessage message, TimeSpan visibility, TimeProvider clock, ILogger logger)
    {
        (this.queue, this.visibility, this.clock, this.logger) = (queue, visibility, clock, logger);
        Message = message;
        keeping = KeepAsync();
    }

    /// <summary>The message with its latest receipt.</summary>
    public ReceivedMessage Message { get; private set; }

    /// <summary>Stops renewing; the receipt stays good until the message's time ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await keeping;
        ended.Dispose();
    }

    private async Task KeepAsync()
    {
        var wait = visibility / 2;
        while (await WaitAsync(wait))
        {
            try
            {
                if (await queue.RenewAsync(Message, visibility, CancellationToken.None) is not { } renewed)
                {
                    logger.LogWarning("The message {Id} is no longer this host's: it ran out and was taken, or was deleted.", Message.Id);
                    return;
                }

                Message = renewed;
                wait = visibility / 2;
            }
            catch (Exception e)
            {
                logger.LogWarning("{Problem} Trying again; the message {Id} comes back at {Time:HH:mm:ss} UTC otherwise.",
                    e.Message, Message.Id, Message.NextVisible);
                wait = visibility / 2 < Soon ? visibility / 4 : Soon;
            }
        }
    }

    private async Task<bool> WaitAsync(TimeSpan time)
    {
        await Task.Delay(time, clock, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !ended.IsCancellationRequested;
    }
}
