using System.Globalization;
using System.Runtime.CompilerServices;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using DeepSight.Core.Storage.Transfers;

namespace DeepSight.Core.Storage.Blobs;

/// <summary>Tries, one at a time, everything that jobs ask of a container, for <c>deepsight doctor</c>. Leaves nothing.</summary>
internal sealed class BlobChecks(BlobContainer container, BlobWriter writer)
{
    /// <summary>Azure refuses signatures that are more than 15 minutes off.</summary>
    private static readonly TimeSpan WorryingSkew = TimeSpan.FromMinutes(5);

    // The stamp of a day that no backup has.
    private readonly string probe = $"deepsight-check-{Guid.NewGuid():n}_19700101_000000.sql.gz";

    public async IAsyncEnumerable<StoreCheck> RunAsync(Func<IReadOnlyCollection<string>, CancellationToken, Task> delete, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var listed = await TryAsync("list", ListAsync, cancellationToken);
        yield return listed.Check;
        // Without the container or a valid key, everything else fails the same way.
        if (listed.Failure is { Kind: FailureKind.InvalidInput } or { InnerException: not Azure.RequestFailedException { Status: 403 } }) yield break;

        yield return ClockCheck();
        var put = await TryAsync("put", PutAsync, cancellationToken);
        yield return put.Check;
        if (put.Failure is null)
        {
            yield return (await TryAsync("get", GetAsync, cancellationToken)).Check;
            yield return (await TryAsync("lease", LeaseAsync, cancellationToken)).Check;
            yield return (await TryAsync("delete", async token =>
            {
                await delete([probe], token);
                return "the blob was deleted";
            }, cancellationToken)).Check;
        }

        yield return await DeletionCheckAsync(cancellationToken);
        if (await ImmutabilityCheckAsync(cancellationToken) is { } immutability) yield return immutability;
        if (container.Settings.Tier == AzureTier.Archive)
            yield return new StoreCheck("tier", CheckOutcome.Warning, "backups go to the archive tier, where none can be read at once", "drills, checks and restores need hours first; BACKUP_AZURE_TIER=cold costs little more.");
    }

    /// <summary>What the service keeps of what is deleted; null: nothing, or it can't be seen.</summary>
    public async Task<string?> FindKeptAsync(CancellationToken cancellationToken)
    {
        var kept = new List<string>();
        try
        {
            if (await SoftDeleteDaysAsync(cancellationToken) is { } days) kept.Add(string.Create(CultureInfo.InvariantCulture, $"soft delete keeps it for {days} days"));
        }
        catch (DeepSightException e) when (e.HasStatus(403) || e.HasStatus(404))
        {
            // To look takes a right on the account, which no job needs.
        }

        if (writer.KeepsVersions == true) kept.Add("versioning keeps it as a former version");
        return kept.Count == 0 ? null : string.Join(", ", kept);
    }

    private async Task<string> ListAsync(CancellationToken cancellationToken)
    {
        var options = new GetBlobsOptions { Prefix = container.Settings.NormalPrefix };
        await container.CallAsync(BlobOperation.List, async token =>
        {
            await foreach (var page in container.Client.GetBlobsAsync(options, token).AsPages(null, 1)) return page;
            return null;
        }, cancellationToken);
        return $"{container.Location} can be listed";
    }

    /// <summary>In blocks, as a backup is.</summary>
    private async Task<string> PutAsync(CancellationToken cancellationToken)
    {
        using var pool = new BlockPool();
        using var content = await PartBuffer.GatherAsync(pool, "deepsight"u8.ToArray(), cancellationToken);
        var id = Convert.ToBase64String(Guid.NewGuid().ToByteArray());
        await writer.StageAsync(probe, id, content, cancellationToken);
        // Without tier and policy: it must be gone again.
        var blob = container.Client.GetBlockBlobClient(container.BlobNameOf(probe));
        await container.CallAsync(BlobOperation.Write, token => blob.CommitBlockListAsync([id], new CommitBlockListOptions(), token), cancellationToken);
        return "a blob was written";
    }

    private async Task<string> GetAsync(CancellationToken cancellationToken)
    {
        var found = await container.FindAsync(probe, BlobOperation.Find, cancellationToken) ?? throw StoreFailures.NotFound(probe, container.Location);
        await using var stream = new BlobReadStream(container, found.Stored, 0);
        await stream.OpenAsync(cancellationToken);
        var content = new byte[found.Stored.Size];
        await stream.ReadExactlyAsync(content, cancellationToken);
        return "the blob was read back";
    }

    private async Task<string> LeaseAsync(CancellationToken cancellationToken)
    {
        var lease = container.Client.GetBlobClient(container.BlobNameOf(probe)).GetBlobLeaseClient(Guid.NewGuid().ToString());
        await container.CallAsync(BlobOperation.Lease, token => lease.AcquireAsync(TimeSpan.FromSeconds(15), cancellationToken: token), cancellationToken);
        await container.CallAsync(BlobOperation.Lease, token => lease.ReleaseAsync(cancellationToken: token), cancellationToken);
        return "the blob was leased and given back";
    }

    private async Task<StoreCheck> DeletionCheckAsync(CancellationToken cancellationToken)
    {
        const string name = "soft delete";
        try
        {
            var kept = await SoftDeleteDaysAsync(cancellationToken);
            return new StoreCheck(name, CheckOutcome.Ok, kept is { } days
                ? string.Create(CultureInfo.InvariantCulture, $"the account keeps deleted blobs for {days} days")
                : "the account keeps nothing of deleted blobs", null);
        }
        catch (DeepSightException e) when (e.HasStatus(403) || e.HasStatus(404))
        {
            return new StoreCheck(name, CheckOutcome.Ok, "can't be seen with these rights, which no job needs", null);
        }
        catch (DeepSightException e)
        {
            return new StoreCheck(name, CheckOutcome.Failed, e.Message, e.Hint);
        }
    }

    /// <summary>Null where none is asked for and the container has none of its own. Asked, not tried: a blob that is locked could not be removed.</summary>
    private async Task<StoreCheck?> ImmutabilityCheckAsync(CancellationToken cancellationToken)
    {
        const string name = "immutability";
        try
        {
            var found = (await container.CallAsync(BlobOperation.FindContainer, token => container.Client.GetPropertiesAsync(cancellationToken: token), cancellationToken)).Value;
            if (container.Settings.Immutability is not null)
                return found.HasImmutableStorageWithVersioning
                    ? new StoreCheck(name, CheckOutcome.Ok, "the container has version-level immutability", null)
                    : new StoreCheck(name, CheckOutcome.Failed, "BACKUP_AZURE_IMMUTABILITY is set, and the container has no version-level immutability: backups would not be protected", ImmutabilityProof.Hint);
            return found.HasImmutabilityPolicy == true || found.HasLegalHold == true
                ? new StoreCheck(name, CheckOutcome.Warning, "the container has an immutability policy or legal hold of its own, which protects markers and records as well",
                    "a backup's markers can then not be removed: use a container with version-level immutability, and BACKUP_AZURE_IMMUTABILITY.")
                : null;
        }
        catch (DeepSightException e)
        {
            return container.Settings.Immutability is null ? null
                : new StoreCheck(name, CheckOutcome.Warning, e.Message, $"the next backup tells whether its policy was kept; {e.Hint}");
        }
    }

    private async Task<int?> SoftDeleteDaysAsync(CancellationToken cancellationToken)
    {
        var service = container.Client.GetParentBlobServiceClient();
        var policy = (await container.CallAsync(BlobOperation.FindService, token => service.GetPropertiesAsync(token), cancellationToken)).Value.DeleteRetentionPolicy;
        return policy is { Enabled: true } ? policy.Days ?? 0 : null;
    }

    private StoreCheck ClockCheck()
    {
        var detail = string.Create(CultureInfo.InvariantCulture, $"{Math.Abs(container.Clock.Offset.TotalSeconds):0} s apart from the service's clock");
        return container.Clock.Offset.Duration() < WorryingSkew
            ? new StoreCheck("clock", CheckOutcome.Ok, detail, null)
            : new StoreCheck("clock", CheckOutcome.Failed, detail, "Azure refuses requests when the difference passes 15 minutes: set this machine's clock (timedatectl set-ntp true).");
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
