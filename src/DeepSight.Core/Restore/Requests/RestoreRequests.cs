using System.Security.Cryptography;
using DeepSight.Core.Catalog;
using DeepSight.Core.Postgres;

namespace DeepSight.Core.Restore.Requests;

/// <summary>Makes messages for the queue out of orders, and takes messages from it only when they are whole, due and meant for us.</summary>
public sealed class RestoreRequests(DatabaseSettings database, BackupSettings backup, BackupStores stores, TimeProvider clock)
{
    private readonly RequestReader reader = new(backup.Name);

    /// <summary>Reads the body of a request over HTTP.</summary>
    /// <exception cref="DeepSightException">What is wrong with it, all at once.</exception>
    public RestoreOrder ReadOrder(string body) => reader.Order(body);

    /// <summary>Says all that the order leaves open: which backup is the latest, which database, until when, by what id.</summary>
    /// <exception cref="DeepSightException">There is no such backup, or the order is for another database or has expired.</exception>
    public async Task<RestoreMessage> ComposeAsync(RestoreOrder order, CancellationToken cancellationToken)
    {
        var named = order.Backup == RestoreOrder.Latest
            ? await stores.GetLatestAsync(cancellationToken)
            : await stores.GetAsync(order.Backup, cancellationToken);
        var message = new RestoreMessage(order)
        {
            RequestId = order.RequestId ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)),
            Target = order.Target ?? database.ForJobs().Target,
            Backup = named.Name.ToString(),
            RequestedBy = order.RequestedBy ?? "unknown",
            ExpiresAt = order.ExpiresAt ?? clock.GetUtcNow() + RestoreMessage.DefaultLifetime,
        };
        EnsureDue(message);
        // Read as its receiver will: what would be refused there is refused here.
        return reader.Message(message.ToJson(), clock.GetUtcNow());
    }

    /// <summary>Reads a message of the queue, JSON or base64 of it.</summary>
    /// <param name="sentAt">When it was put there.</param>
    /// <exception cref="DeepSightException">What is wrong with it, all at once; reading it again can't help.</exception>
    public RestoreMessage ReadMessage(string text, DateTimeOffset sentAt) => reader.Message(text, sentAt);

    /// <summary>The id of a message that may otherwise be wrong, so that its refusal is recorded where its sender looks.</summary>
    public static string? FindRequestId(string text) => RequestReader.FindId(text);

    /// <summary>A stale or misdirected message does no harm.</summary>
    /// <exception cref="DeepSightException">It has expired, or it is for another database than the configured one.</exception>
    public void EnsureDue(RestoreMessage message)
    {
        if (!IsOurs(message.Target))
            throw new DeepSightException(FailureKind.Refused,
                $"The restore request is for {RequestText.Show(message.Target)}; this is {database.ForJobs().Target}.",
                "send it to the app that guards that database, or correct its target.");
        if (message.ExpiresAt <= clock.GetUtcNow())
            throw new DeepSightException(FailureKind.Refused,
                FormattableString.Invariant($"The restore request expired at {message.ExpiresAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC."),
                "make a new one, when it is still wanted.");
    }

    /// <summary>Either way to the configured database is its name; host names know no case.</summary>
    private bool IsOurs(string target) => new[] { database.ForJobs(), database.ForHealth() }.Any(ours =>
        target.Length == ours.Target.Length
        && target.StartsWith(ours.Server, StringComparison.OrdinalIgnoreCase)
        && target.EndsWith(ours.Database, StringComparison.Ordinal)
        && target[ours.Server.Length] == '/');
}
