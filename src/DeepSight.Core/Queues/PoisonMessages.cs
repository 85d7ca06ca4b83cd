namespace DeepSight.Core.Queues;

/// <summary>Looks into poison queues, and settles what is there: back to its queue, or away.</summary>
/// <param name="names">The queues whose poison queues are meant.</param>
public sealed class PoisonMessages(IMessageQueues queues, IReadOnlyList<string> names)
{
    /// <summary>What a queue gives at once.</summary>
    private const int Most = 32;

    /// <summary>Long enough to settle one message. What is taken beside it is given back at once.</summary>
    private static readonly TimeSpan Hidden = TimeSpan.FromSeconds(30);

    /// <summary>The first of each queue, oldest first.</summary>
    public async Task<PoisonPage> ListAsync(CancellationToken cancellationToken)
    {
        var messages = new List<PoisonMessage>();
        foreach (var name in names)
            messages.AddRange((await queues.Open(PoisonQueue.NameFor(name)).PeekAsync(Most, cancellationToken))
                .Select(message => new PoisonMessage(message.Id, name, message.Text, message.Inserted)));
        return new PoisonPage(messages);
    }

    /// <summary>Takes the message from its poison queue, and puts its text back on its queue where it is to be tried again.</summary>
    /// <returns>False when no poison queue has it.</returns>
    public async Task<bool> SettleAsync(string id, bool requeue, CancellationToken cancellationToken)
    {
        foreach (var name in names)
            if (await SettleAsync(name, id, requeue, cancellationToken)) return true;
        return false;
    }

    private async Task<bool> SettleAsync(string name, string id, bool requeue, CancellationToken cancellationToken)
    {
        var poison = queues.Open(PoisonQueue.NameFor(name));
        var others = new List<ReceivedMessage>();
        try
        {
            while (await poison.ReceiveAsync(Most, Hidden, cancellationToken) is { Count: > 0 } received)
            {
                others.AddRange(received.Where(message => message.Id != id));
                if (received.FirstOrDefault(message => message.Id == id) is not { } found) continue;
                // A crash in between leaves two, never none.
                if (requeue) await queues.Open(name).SendAsync(found.Text, MessageText.DefaultTimeToLive, cancellationToken);
                return await poison.DeleteAsync(found, cancellationToken);
            }

            return false;
        }
        finally
        {
            foreach (var other in others) await poison.RenewAsync(other, TimeSpan.Zero, CancellationToken.None);
        }
    }
}

/// <summary>What <c>GET poison</c> answers.</summary>
/// <param name="Messages">The first of each queue, oldest first.</param>
public sealed record PoisonPage(IReadOnlyList<PoisonMessage> Messages);

/// <summary>A message that failed as often as it may.</summary>
/// <param name="Queue">Where it came from, and would go back to.</param>
/// <param name="Text">As it was sent.</param>
/// <param name="Since">When it was given up.</param>
public sealed record PoisonMessage(string Id, string Queue, string Text, DateTimeOffset Since);
