namespace DeepSight.Core.Access;

/// <summary>
/// Captures the access file beside the dump, so that both are of about the same moment and neither waits for the other. Where that fails, for
/// want of a connection or of a lock, it is captured when the dump is done.
/// </summary>
internal sealed class AccessCapture(Func<CancellationToken, Task<AccessFile>> capture, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private Task<AccessFile>? beside;

    /// <summary>Not before the dump holds its locks.</summary>
    public void Begin() => beside = Task.Run(() => capture(stop.Token), CancellationToken.None);

    /// <exception cref="DeepSightException">It can't be captured now either.</exception>
    public async Task<AccessFile> CompleteAsync()
    {
        await EndedAsync();
        return beside is { IsCompletedSuccessfully: true } ? await beside : await capture(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await EndedAsync();
        stop.Dispose();
    }

    private async Task EndedAsync()
    {
        if (beside is not null) await ((Task)beside).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
