using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Xml;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace DeepSight.Core.Storage.S3;

/// <summary>Tries, one at a time, everything that jobs ask of a bucket, for <c>deepsight doctor</c>. Leaves nothing.</summary>
internal sealed class S3Checks(S3Bucket bucket, S3SmallObjects objects, S3Conditions conditions)
{
    /// <summary>S3 refuses signatures that are more than 15 minutes off.</summary>
    private static readonly TimeSpan WorryingSkew = TimeSpan.FromMinutes(5);

    // The stamp of a day that no backup has; the name is a backup's, so that the sweep finds what a crash may leave.
    private readonly string probe = $"deepsight-check-{Guid.NewGuid():n}_19700101_000000.sql.gz";

    public async IAsyncEnumerable<StoreCheck> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var listed = await TryAsync("list", ListAsync, cancellationToken);
        yield return listed.Check;
        // Without the bucket or a valid key, everything else fails the same way.
        if (listed.Failure is { } failure && !failure.HasStatus(HttpStatusCode.Forbidden) || listed.Failure is { Kind: FailureKind.InvalidInput }) yield break;

        yield return ClockCheck();
        var put = await TryAsync("put", PutAsync, cancellationToken);
        yield return put.Check;
        if (put.Failure is null)
        {
            yield return ConditionsCheck();
            yield return (await TryAsync("get", GetAsync, cancellationToken)).Check;
            yield return (await TryAsync("delete", DeleteAsync, cancellationToken)).Check;
        }

        await foreach (var check in MultipartAsync(cancellationToken))
            yield return check;

        if (bucket.Settings.ObjectLock is not null) yield return await LockCheckAsync(cancellationToken);
    }

    private async Task<string> ListAsync(CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = bucket.Name, Prefix = bucket.Settings.NormalPrefix, MaxKeys = 1 };
        await bucket.CallAsync(S3Operation.List, (sdk, token) => sdk.ListObjectsV2Async(request, token), cancellationToken);
        return $"{bucket.Location} can be listed";
    }

    private async Task<string> PutAsync(CancellationToken cancellationToken)
    {
        // Nothing but the writing, so that a permission to look that is missing is not told as one to write.
        var content = "deepsight"u8.ToArray();
        await objects.ReplaceAsync(probe, content, cancellationToken);
        await objects.LearnConditionsAsync(probe, content, cancellationToken);
        return "an object was written";
    }

    private async Task<string> GetAsync(CancellationToken cancellationToken)
    {
        var found = await bucket.FindAsync(probe, S3Operation.Find, cancellationToken) ?? throw StoreFailures.NotFound(probe, bucket.Location);
        await using var stream = new S3ReadStream(bucket, found.Stored, 0);
        await stream.OpenAsync(cancellationToken);
        var content = new byte[found.Stored.Size];
        await stream.ReadExactlyAsync(content, cancellationToken);
        return "the object was read back";
    }

    private async Task<string> DeleteAsync(CancellationToken cancellationToken)
    {
        await S3Deletion.DeleteAsync(bucket, [probe], cancellationToken);
        return "the object was deleted";
    }

    private async IAsyncEnumerable<StoreCheck> MultipartAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var key = bucket.KeyOf(probe);
        string? uploadId = null;
        var started = await TryAsync("multipart upload", async token =>
        {
            var start = new InitiateMultipartUploadRequest { BucketName = bucket.Name, Key = key };
            uploadId = (await bucket.CallAsync(S3Operation.Write, (sdk, t) => sdk.InitiateMultipartUploadAsync(start, t), token)).UploadId;
            await bucket.CallAsync(S3Operation.Write, (sdk, t) => sdk.UploadPartAsync(
                new UploadPartRequest { BucketName = bucket.Name, Key = key, UploadId = uploadId, PartNumber = 1, InputStream = new MemoryStream([1]), UseChunkEncoding = false }, t), token);
            return "a part was sent";
        }, cancellationToken);
        yield return started.Check;
        if (uploadId is null) yield break;

        yield return (await TryAsync("list multipart uploads", async token =>
        {
            var list = new ListMultipartUploadsRequest { BucketName = bucket.Name, Prefix = key };
            await bucket.CallAsync(S3Operation.ListUploads, (sdk, t) => sdk.ListMultipartUploadsAsync(list, t), token);
            var parts = new ListPartsRequest { BucketName = bucket.Name, Key = key, UploadId = uploadId };
            await bucket.CallAsync(S3Operation.ListParts, (sdk, t) => sdk.ListPartsAsync(parts, t), token);
            return "unfinished uploads can be found";
        }, cancellationToken)).Check;
        yield return (await TryAsync("abort multipart upload", async token =>
        {
            var abort = new AbortMultipartUploadRequest { BucketName = bucket.Name, Key = key, UploadId = uploadId };
            await bucket.CallAsync(S3Operation.Abort, (sdk, t) => sdk.AbortMultipartUploadAsync(abort, t), token);
            return "the unfinished upload was removed";
        }, cancellationToken)).Check;
    }

    /// <summary>Asked, not tried: an object that is locked could not be removed.</summary>
    private async Task<StoreCheck> LockCheckAsync(CancellationToken cancellationToken)
    {
        const string name = "object lock";
        var request = new GetObjectLockConfigurationRequest { BucketName = bucket.Name };
        try
        {
            var found = await bucket.CallAsync(S3Operation.FindBucketLock, (sdk, token) => sdk.GetObjectLockConfigurationAsync(request, token), cancellationToken);
            if (found.ObjectLockConfiguration?.ObjectLockEnabled == ObjectLockEnabled.Enabled) return new StoreCheck(name, CheckOutcome.Ok, "the bucket has it", null);
        }
        catch (DeepSightException e) when (e.HasStatus(HttpStatusCode.Forbidden))
        {
            return new StoreCheck(name, CheckOutcome.Warning, e.Message, $"the next backup tells whether its lock was kept; {e.Hint}");
        }
        catch (DeepSightException e) when (S3Faults.IsTransient(e.InnerException))
        {
            return new StoreCheck(name, CheckOutcome.Failed, e.Message, e.Hint);
        }
        catch (DeepSightException e) when (e.InnerException is AmazonServiceException or XmlException)
        {
            // Each service has its own words for having none.
        }

        return new StoreCheck(name, CheckOutcome.Failed, "BACKUP_S3_OBJECT_LOCK is set, and the bucket has no object lock: backups would not be protected", S3LockProof.Hint);
    }

    private StoreCheck ConditionsCheck() => conditions.AreHonoured == true
        ? new StoreCheck("conditional put", CheckOutcome.Ok, "the service never overwrites an object that exists", null)
        : new StoreCheck("conditional put", CheckOutcome.Warning, "the service ignores If-None-Match on writes",
            "two processes that write one name in the same second could overwrite each other; let only one machine write to this prefix.");

    private StoreCheck ClockCheck()
    {
        var detail = string.Create(CultureInfo.InvariantCulture, $"{Math.Abs(bucket.Clock.Offset.TotalSeconds):0} s apart from the service's clock");
        return bucket.Clock.Offset.Duration() < WorryingSkew
            ? new StoreCheck("clock", CheckOutcome.Ok, detail, null)
            : new StoreCheck("clock", CheckOutcome.Failed, detail, "S3 refuses requests when the difference passes 15 minutes: set this machine's clock (timedatectl set-ntp true).");
    }

    private static async Task<(StoreCheck Check, DeepSightException? Failure)> TryAsync(string name, Func<CancellationToken, Task<string>> attempt, CancellationToken cancellationToken)
    {
        try
        {
            return (new StoreCheck(name, CheckOutcome.Ok, await attempt(cancellationToken), null), null);
        }
        catch (DeepSightException e)
        {
            return (new StoreCheck(name, CheckOutcome.Failed, e.Message, e.Hint), e);
        }
    }
}
