namespace DeepSight.Core.Storage.Transfers;

/// <summary>Cancels an attempt when nothing has moved for a while: unlike a fixed timeout, right for a slow line as well.</summary>
internal sealed class StallWatch : IDisposable
{
    private readonly CancellationTokenSource source;
    private readonly CancellationToken outer;

    public StallWatch(TimeSpan limit, CancellationToken cancellationToken)
    {
        Limit = limit;
        outer = cancellationToken;
        source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        source.CancelAfter(limit);
    }

    public TimeSpan Limit { get; }

    public CancellationToken Token => source.Token;

    /// <summary>The watch cancelled, not the caller.</summary>
    public bool HasStalled => source.IsCancellationRequested && !outer.IsCancellationRequested;

    /// <summary>Something moved.</summary>
    public void Touch() => source.CancelAfter(Limit);

    public void Dispose() => source.Dispose();
}
