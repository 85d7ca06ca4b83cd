using System.Globalization;

namespace DeepSight.Core.Storage.S3;

/// <summary>
/// An upload of unknown length: what is written is gathered into parts, several of which are on their way at once. Content
/// that fits into the first part goes in one request instead.
/// </summary>
internal sealed class S3Upload : IBackupUpload
{
    /// <summary>Enough for parts up to 48 MiB; larger ones, two at a time, take more.</summary>
    private const long Memory = 96L << 20;

    private const int AtOnce = 4;

    private readonly S3Bucket bucket;
    private readonly S3Requests requests;
    private readonly S3Conditions conditions;
    private readonly string name;
    private readonly PartPlan plan;
    private readonly BlockPool pool = new();
    private readonly SemaphoreSlim slots = new(AtOnce);
    private readonly CancellationTokenSource stop = new();
    private readonly List<Task> sending = [];
    private int number;
    private PartBuffer? part;
    private S3Multipart? multipart;
    private readonly DateTime lockedUntil;
    private bool isDisposed;

    public S3Upload(S3Bucket bucket, S3Requests requests, S3Conditions conditions, PartPlan plan, string name) =>
        (this.bucket, this.requests, this.conditions, this.plan, this.name, lockedUntil) = (bucket, requests, conditions, plan, name, requests.LockedUntil);

    public DeepSightException? Shortfall { get; private set; }

    public string? Doubt { get; private set; }

    public async Task WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await WithStopAsync(async token =>
        {
            while (!content.IsEmpty)
            {
                if (part is { IsFull: true }) await SendAsync(part, token);
                part ??= NewPart(++number);
                content = content[await part.FillAsync(content, token)..];
            }
        }, cancellationToken);
    }

    public async Task<StoredObject> CompleteAsync(CancellationToken cancellationToken)
    {
        StoredObject? stored = null;
        await WithStopAsync(async token =>
        {
            if (multipart is null)
            {
                using var content = part ?? new PartBuffer(pool, 1, 0);
                stored = await new S3SmallObjects(bucket, requests, conditions).TryCreateAsync(name, content, isBackup: true, token);
                return;
            }

            if (part is not null) await SendAsync(part, token);
            await Task.WhenAll(sending);
            stored = await multipart.CompleteAsync(token);
        }, cancellationToken);
        if (stored is null) throw StoreFailures.Exists(name, bucket.Location);

        (Shortfall, Doubt) = await S3LockProof.FindAsync(bucket, name, lockedUntil, cancellationToken);
        return stored;
    }

    public async ValueTask DisposeAsync()
    {
        if (isDisposed) return;
        isDisposed = true;
        await stop.CancelAsync();
        // Their failure was thrown where it was noticed first; here only their end matters.
        await Task.WhenAll(sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (multipart is not null) await multipart.AbortAsync();
        part?.Dispose();
        pool.Dispose();
        slots.Dispose();
        stop.Dispose();
    }

    private PartBuffer NewPart(int next)
    {
        if (next > plan.MaxParts)
            throw new DeepSightException(FailureKind.Failed,
                string.Create(CultureInfo.InvariantCulture, $"'{name}' is larger than one upload to {bucket.Location} can be: {plan.Capacity / 1e9:0.#} GB in {plan.MaxParts} parts."),
                "raise BACKUP_S3_MAX_PARTS if the service allows more parts, or BACKUP_S3_PART_SIZE_MB if it is set.");

        pool.GrowTo(Math.Max(Memory, 2 * plan.SizeOf(next)));
        return new PartBuffer(pool, next, plan.SizeOf(next));
    }

    /// <summary>Hands the part over as soon as there is a slot for it.</summary>
    private async Task SendAsync(PartBuffer full, CancellationToken cancellationToken)
    {
        multipart ??= await S3Multipart.StartAsync(bucket, requests, new S3Publication(bucket, conditions), name, cancellationToken);
        await slots.WaitAsync(cancellationToken);
        part = null;
        sending.RemoveAll(task => task.IsCompletedSuccessfully);
        sending.Add(SendAsync(multipart, full));
    }

    private async Task SendAsync(S3Multipart upload, PartBuffer full)
    {
        try
        {
            await upload.SendAsync(full, stop.Token);
        }
        catch
        {
            // One part lost, all lost: the others stop, and whoever waits for memory or a slot wakes up.
            await stop.CancelAsync();
            throw;
        }
        finally
        {
            full.Dispose();
            slots.Release();
        }
    }

    /// <summary>Runs a step that ends early when a part has failed, and then fails with that part's failure.</summary>
    private async Task WithStopAsync(Func<CancellationToken, Task> step, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stop.Token);
        try
        {
            await step(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await Task.WhenAll(sending);
            throw;
        }
    }
}
