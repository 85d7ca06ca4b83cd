using System.Buffers.Binary;
using System.Collections.Concurrent;
using DeepSight.Core.Storage.Transfers;

namespace DeepSight.Core.Storage.Blobs;

/// <summary>An upload as staged blocks. Those of one that is given up are seen by nobody, and the service discards them within a week.</summary>
internal sealed class BlobUpload(BlobContainer container, BlobWriter writer, PartPlan plan, string name) : PartedUpload(name, container.Location, plan)
{
    private readonly string name = name;
    private readonly DateTimeOffset immutableUntil = writer.ImmutableUntil;
    private readonly Guid upload = Guid.NewGuid();
    private readonly ConcurrentDictionary<int, long> staged = [];

    protected override string TooLargeHint => "split the database, or send the backup to another store.";

    protected override Task<StoredObject?> CreateAsync(PartBuffer content, CancellationToken cancellationToken) =>
        writer.TryCreateAsync(name, content, isBackup: true, cancellationToken);

    protected override Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task SendPartAsync(PartBuffer part, CancellationToken cancellationToken)
    {
        await writer.StageAsync(name, BlockId(part.Number), part, cancellationToken);
        staged[part.Number] = part.Length;
    }

    protected override Task<StoredObject?> JoinAsync(CancellationToken cancellationToken) =>
        writer.TryCommitAsync(name, [.. staged.Keys.Order().Select(BlockId)], staged.Values.Sum(), cancellationToken);

    protected override Task AbandonAsync() => Task.CompletedTask;

    protected override Task<(DeepSightException? Shortfall, string? Doubt)> ProveAsync(CancellationToken cancellationToken) =>
        ImmutabilityProof.FindAsync(container, name, immutableUntil, cancellationToken);

    /// <summary>All ids of a blob must be of one length.</summary>
    private string BlockId(int number)
    {
        Span<byte> id = stackalloc byte[20];
        upload.TryWriteBytes(id);
        BinaryPrimitives.WriteInt32BigEndian(id[16..], number);
        return Convert.ToBase64String(id);
    }
}
