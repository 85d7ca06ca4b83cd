using System.Net.Security;
using DeepSight.Core.Storage.Leases;
using DeepSight.Core.Storage.Transfers;
using Microsoft.Extensions.Logging;

namespace DeepSight.Core.Storage.S3;

/// <summary>
/// Backups under a prefix of a bucket, on AWS or any S3-compatible service. Uploads are streamed in parts with bounded memory
/// and become visible in one step; a name is never overwritten where the service has conditional writes, and as far as
/// looking first can help where it has not.
/// </summary>
public sealed class S3BackupStore : IBackupStore, IDisposable
{
    private readonly S3Bucket bucket;
    private readonly S3Requests requests;
    private readonly S3Conditions conditions = new();
    private readonly S3SmallObjects objects;

    /// <param name="settings">Valid ones.</param>
    /// <param name="clock">For leases and lock dates.</param>
    /// <param name="log">Says what was tried again, and why.</param>
    /// <exception cref="DeepSightException">There are no credentials.</exception>
    public S3BackupStore(S3Settings settings, TimeProvider clock, ILogger<S3BackupStore> log)
        : this(settings, new StorePatience(), clock, log)
    {
    }

    internal S3BackupStore(S3Settings settings, StorePatience patience, TimeProvider clock, ILogger log, RemoteCertificateValidationCallback? trusts = null)
    {
        bucket = new S3Bucket(settings, patience, clock, log, trusts);
        requests = new S3Requests(bucket, clock);
        objects = new S3SmallObjects(bucket, requests, conditions);
        Plan = PartPlan.For(settings);
    }

    public string Location => bucket.Location;

    public string Kind => "S3";

    public int? LockDays => bucket.Settings.ObjectLockDays;

    public long? FreeBytes => null;

    internal PartPlan Plan { get; init; }

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, string after, CancellationToken cancellationToken) =>
        S3Listing.ReadAsync(bucket, prefix, after, cancellationToken);

    public async Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) =>
        (await bucket.FindAsync(name, S3Operation.Find, cancellationToken))?.Stored;

    public async Task<Stream> OpenReadAsync(string name, long offset, string? version, CancellationToken cancellationToken)
    {
        var found = await FindAsync(name, cancellationToken) ?? throw StoreFailures.NotFound(name, Location);
        if (version is not null && version != found.Version) throw StoreFailures.Replaced(name, Location);

        var stream = new S3ReadStream(bucket, found, offset);
        await stream.OpenAsync(cancellationToken);
        return stream;
    }

    public Task<IBackupUpload> BeginUploadAsync(string name, CancellationToken cancellationToken) =>
        Task.FromResult<IBackupUpload>(new S3Upload(bucket, requests, conditions, Plan, ObjectName.Checked(name)));

    public Task<bool> TryCreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        objects.TryCreateAsync(name, content, cancellationToken);

    public Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        objects.ReplaceAsync(name, content, cancellationToken);

    public Task DeleteAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken) =>
        S3Deletion.DeleteAsync(bucket, names, cancellationToken);

    public async Task<IStoreLease?> TryLeaseAsync(string name, TimeSpan duration, CancellationToken cancellationToken) =>
        await S3Lease.TryTakeAsync(bucket, objects, LeaseRecord.ObjectFor(name), duration, cancellationToken);

    public Task<IReadOnlyList<string>> SweepUnfinishedAsync(string? name, DateTimeOffset untouchedSince, CancellationToken cancellationToken) =>
        S3Sweep.RunAsync(bucket, name, untouchedSince, cancellationToken);

    public IAsyncEnumerable<StoreCheck> CheckAsync(long? lastBackupBytes, CancellationToken cancellationToken) =>
        new S3Checks(bucket, objects, conditions).RunAsync(cancellationToken);

    public void Dispose() => bucket.Dispose();
}
