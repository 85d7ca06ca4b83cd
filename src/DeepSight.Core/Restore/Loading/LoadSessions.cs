namespace DeepSight.Core.Restore.Loading;

/// <summary>The session that executes the dump, and a second one that takes rows of its large tables, once there are such.</summary>
/// <param name="start">A session on the database that is loaded.</param>
/// <param name="canSplit">Of a table; null within a transaction, whose tables the second session would not see.</param>
internal sealed class LoadSessions(Func<PsqlSession> start, Func<string, CancellationToken, Task<bool>>? canSplit) : IAsyncDisposable
{
    private bool maySplit = canSplit is not null;

    public PsqlSession Main { get; } = start();

    /// <summary>Null when there is none.</summary>
    public PsqlSession? Second { get; private set; }

    /// <summary>What the server answered to every COPY.</summary>
    public IEnumerable<CopyTags> Tags => Second is null ? [Main.Tags] : [Main.Tags, Second.Tags];

    /// <summary>
    /// Null where the rows of this table may not be split, or where the server gives us no second connection (there are limits for a
    /// server, a database, a role): one serves as well.
    /// </summary>
    public async Task<PsqlSession?> TrySecondAsync(string table, CancellationToken cancellationToken)
    {
        if (!maySplit || !await canSplit!(table, cancellationToken)) return null;
        if (Second is not null) return Second;

        maySplit = false;
        var session = start();
        try
        {
            await session.SyncAsync(cancellationToken);
            maySplit = true;
            return Second = session;
        }
        catch (DeepSightException)
        {
            await session.DisposeAsync();
            return null;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    public Task EndSecondAsync() => Second?.EndAsync() ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await Main.DisposeAsync();
        if (Second is not null) await Second.DisposeAsync();
    }
}
