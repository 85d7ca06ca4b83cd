using System.Net;
using System.Xml;
using Amazon.Runtime;
using Amazon.S3.Model;

namespace DeepSight.Core.Storage.S3;

/// <summary>
/// Whether an object is locked as it was written to be. There are services that take the headers of a lock and keep nothing of it:
/// who asked for a lock believes that the backup can't be deleted.
/// </summary>
internal static class S3LockProof
{
    public const string Hint =
        "object lock needs a service that has it and a bucket made with it; unset BACKUP_S3_OBJECT_LOCK and BACKUP_S3_OBJECT_LOCK_DAYS to do without.";

    /// <summary>Services round, and count seconds.</summary>
    private static readonly TimeSpan Rounding = TimeSpan.FromMinutes(1);

    /// <param name="until">What was asked for when the upload began.</param>
    /// <returns>What is missing, or why it can't be seen; neither where all is well.</returns>
    public static async Task<(DeepSightException? Shortfall, string? Doubt)> FindAsync(S3Bucket bucket, string name, DateTime until, CancellationToken cancellationToken)
    {
        if (bucket.Settings.ObjectLock is not { } mode) return (null, null);

        try
        {
            return await ReadAsync(bucket, name, cancellationToken) switch
            {
                null => (Missing(bucket, $"'{name}' is in {bucket.Location}, but it is not locked: the service took the lock and kept nothing of it."), null),
                var (found, end) when found < mode || end < until - Rounding => (Missing(bucket,
                    FormattableString.Invariant($"'{name}' in {bucket.Location} is locked less than asked for: {found.ToString().ToLowerInvariant()} until {end:yyyy-MM-dd HH:mm} UTC.")), null),
                _ => (null, null),
            };
        }
        catch (DeepSightException e)
        {
            // It was stored with its lock; that nobody can look makes it no worse.
            return (null, $"Whether '{name}' is locked could not be seen: {e.Message} {e.Hint}".TrimEnd());
        }
    }

    private static DeepSightException Missing(S3Bucket bucket, string message) =>
        new(FailureKind.Failed, message, $"whoever has the key can delete it; {Hint}");

    /// <summary>Null: it has none.</summary>
    private static async Task<(ObjectLock Mode, DateTime Until)?> ReadAsync(S3Bucket bucket, string name, CancellationToken cancellationToken)
    {
        var head = new GetObjectMetadataRequest { BucketName = bucket.Name, Key = bucket.KeyOf(name) };
        var found = await bucket.CallAsync(S3Operation.Find, (sdk, token) => sdk.GetObjectMetadataAsync(head, token), cancellationToken);
        return Lock(found.ObjectLockMode, found.ObjectLockRetainUntilDate) ?? await AskAsync(bucket, head.Key, cancellationToken);
    }

    /// <summary>AWS leaves the lock out of a HEAD's answer where the key may not see it; asked for it alone, it says so.</summary>
    private static async Task<(ObjectLock Mode, DateTime Until)?> AskAsync(S3Bucket bucket, string key, CancellationToken cancellationToken)
    {
        var request = new GetObjectRetentionRequest { BucketName = bucket.Name, Key = key };
        try
        {
            var answer = await bucket.CallAsync(S3Operation.FindLock, (sdk, token) => sdk.GetObjectRetentionAsync(request, token), cancellationToken);
            return Lock(answer.Retention?.Mode?.Value, answer.Retention?.RetainUntilDate);
        }
        catch (DeepSightException e) when (e.InnerException is XmlException || SaysNone(e.InnerException as AmazonServiceException))
        {
            // There is none, or the service does not know what a lock is: each says so in its own way, Swift with the object's content.
            return null;
        }
    }

    private static bool SaysNone(AmazonServiceException? answer) => answer is not null && answer.StatusCode != HttpStatusCode.Forbidden
        && (answer.StatusCode == HttpStatusCode.MethodNotAllowed || !S3Faults.IsTransient(answer));

    private static (ObjectLock Mode, DateTime Until)? Lock(string? mode, DateTime? until) =>
        until is { } end && Enum.TryParse<ObjectLock>(mode, ignoreCase: true, out var known) ? (known, end.ToUniversalTime()) : null;
}
