using System.Globalization;

namespace DeepSight.Core.Storage.Transfers;

/// <summary>
/// An upload of unknown length: what is written is gathered into parts, several of which are on their way at once. Content
/// that fits into the first part goes in one request instead.
/// </summary>
internal abstract class PartedUpload(string name, string location, PartPlan plan) : IBackupUpload
{
    /// <summary>Enough for parts up to 48 MiB; larger ones, two at a time, take more.</summary>
    private const long Memory = 96L << 20;

    private const int AtOnce = 4;

    private readonly BlockPool pool = new();
    private readonly SemaphoreSlim slots = new(AtOnce);
    private readonly CancellationTokenSource stop = new();
    private readonly List<Task> sending = [];
    private int number;
    private PartBuffer? part;
    private bool isStarted;
    private bool isDisposed;

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
            if (!isStarted)
            {
                using var content = part ?? new PartBuffer(pool, 1, 0);
                stored = await CreateAsync(content, token);
                return;
            }

            if (part is not null) await SendAsync(part, token);
            await Task.WhenAll(sending);
            stored = await JoinAsync(token);
        }, cancellationToken);
        if (stored is null) throw StoreFailures.Exists(name, location);

        (Shortfall, Doubt) = await ProveAsync(cancellationToken);
        return stored;
    }

    public async ValueTask DisposeAsync()
    {
        if (isDisposed) return;
        isDisposed = true;
        await stop.CancelAsync();
        // Their failure was thrown where it was noticed first; here only their end matters.
        await Task.WhenAll(sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (isStarted) await AbandonAsync();
        part?.Dispose();
        pool.Dispose();
        slots.Dispose();
        stop.Dispose();
    }

    /// <summary>The setting that allows larger uploads, to follow "Hint:".</summary>
    protected abstract string TooLargeHint { get; }

    /// <summary>The whole object in one request; null when the name is taken.</summary>
    protected abstract Task<StoredObject?> CreateAsync(PartBuffer content, CancellationToken cancellationToken);

    /// <summary>Before the first part.</summary>
    protected abstract Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Sends one part, as often as it takes; several may be on their way at once.</summary>
    protected abstract Task SendPartAsync(PartBuffer part, CancellationToken cancellationToken);

    /// <summary>Makes the object of the parts; null when the name is taken by now.</summary>
    protected abstract Task<StoredObject?> JoinAsync(CancellationToken cancellationToken);

    /// <summary>Has the service forget the parts of an upload that was not joined. Does not throw.</summary>
    protected abstract Task AbandonAsync();

    /// <summary>Whether the object is kept as it was asked for.</summary>
    protected abstract Task<(DeepSightException? Shortfall, string? Doubt)> ProveAsync(CancellationToken cancellationToken);

    private PartBuffer NewPart(int next)
    {
        if (next > plan.MaxParts)
            throw new DeepSightException(FailureKind.Failed,
                string.Create(CultureInfo.InvariantCulture, $"'{name}' is larger than one upload to {location} can be: {plan.Capacity / 1e9:0.#} GB in {plan.MaxParts} parts."),
                TooLargeHint);

        pool.GrowTo(Math.Max(Memory, 2 * plan.SizeOf(next)));
        return new PartBuffer(pool, next, plan.SizeOf(next));
    }

    /// <summary>Hands the part over as soon as there is a slot for it.</summary>
    private async Task SendAsync(PartBuffer full, CancellationToken cancellationToken)
    {
        if (!isStarted) await StartAsync(cancellationToken);
        isStarted = true;
        await slots.WaitAsync(cancellationToken);
        part = null;
        sending.RemoveAll(task => task.IsCompletedSuccessfully);
        sending.Add(SendAndReturnAsync(full));
    }

    private async Task SendAndReturnAsync(PartBuffer full)
    {
        try
        {
            await SendPartAsync(full, stop.Token);
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
