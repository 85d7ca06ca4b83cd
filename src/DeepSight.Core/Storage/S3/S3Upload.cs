using DeepSight.Core.Storage.Transfers;

namespace DeepSight.Core.Storage.S3;

/// <summary>An upload as a multipart upload.</summary>
internal sealed class S3Upload(S3Bucket bucket, S3Requests requests, S3Conditions conditions, PartPlan plan, string name) : PartedUpload(name, bucket.Location, plan)
{
    private readonly string name = name;
    private readonly DateTime lockedUntil = requests.LockedUntil;
    private S3Multipart? multipart;

    protected override string TooLargeHint => "raise BACKUP_S3_MAX_PARTS if the service allows more parts, or BACKUP_S3_PART_SIZE_MB if it is set.";

    protected override Task<StoredObject?> CreateAsync(PartBuffer content, CancellationToken cancellationToken) =>
        new S3SmallObjects(bucket, requests, conditions).TryCreateAsync(name, content, isBackup: true, cancellationToken);

    protected override async Task StartAsync(CancellationToken cancellationToken) =>
        multipart = await S3Multipart.StartAsync(bucket, requests, new S3Publication(bucket, conditions), name, cancellationToken);

    protected override Task SendPartAsync(PartBuffer part, CancellationToken cancellationToken) => multipart!.SendAsync(part, cancellationToken);

    protected override Task<StoredObject?> JoinAsync(CancellationToken cancellationToken) => multipart!.CompleteAsync(cancellationToken);

    protected override Task AbandonAsync() => multipart!.AbortAsync();

    protected override Task<(DeepSightException? Shortfall, string? Doubt)> ProveAsync(CancellationToken cancellationToken) =>
        S3LockProof.FindAsync(bucket, name, lockedUntil, cancellationToken);
}
