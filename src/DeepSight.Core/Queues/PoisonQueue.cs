namespace DeepSight.Core.Queues;

/// <summary>Where messages go that failed as often as they may: <c>&lt;queue&gt;-poison</c>, as on Azure.</summary>
public static class PoisonQueue
{
    public static string NameFor(string queue) => queue + "-poison";

    /// <summary>
    /// Copies the message, then deletes it: a crash in between leaves two, never none. The copy does not expire;
    /// what went wrong should still be there after a holiday.
    /// </summary>
    /// <returns>False when the receipt was stale, so that another consumer may do the same.</returns>
    public static async Task<bool> MoveAsync(
        IMessageQueues queues, IMessageQueue from, ReceivedMessage message, CancellationToken cancellationToken)
    {
        await queues.Open(NameFor(from.Name)).SendAsync(message.Text, Timeout.InfiniteTimeSpan, cancellationToken);
        return await from.DeleteAsync(message, cancellationToken);
    }
}
