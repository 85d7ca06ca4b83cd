namespace DeepSight.Core.Restore.Loading;

/// <summary>The session that executes the dump, and others that take rows of its large tables and build its indexes, once there are such.</summary>
/// <param name="start">A session on the database that is loaded.</param>
/// <param name="prepare">SQL that every session but the main one begins with.</param>
/// <param name="most">With the main one. One within a transaction, whose tables other sessions would not see.</param>
internal sealed class LoadSessions(Func<LoadSession> start, string prepare, int most) : IAsyncDisposable
{
    private readonly List<LoadSession> others = [];
    private bool mayStart = most > 1;

    public LoadSession Main { get; } = start();

    public bool AreSeveral { get; } = most > 1;

    /// <summary>What the server answered to every COPY.</summary>
    public IEnumerable<CopyTags> Tags => others.Prepend(Main).Select(session => session.Psql.Tags);

    /// <summary>Fewer, or none, where the server gives us no more connections (there are limits for a server, a database, a role).</summary>
    public async Task<IReadOnlyList<LoadSession>> OthersAsync(CancellationToken cancellationToken)
    {
        while (mayStart && others.Count < most - 1) await StartAsync(cancellationToken);
        return others;
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var session = start();
        try
        {
            await session.Psql.WriteAsync(prepare, cancellationToken);
            await session.Psql.SyncAsync(cancellationToken);
            others.Add(session);
        }
        catch (DeepSightException)
        {
            mayStart = false;
            await session.DisposeAsync();
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    public async Task EndOthersAsync()
    {
        foreach (var session in others) await session.Psql.EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Main.DisposeAsync();
        foreach (var session in others) await session.DisposeAsync();
    }
}

/// <summary>One session, and how much of what the dump set it has been told.</summary>
internal sealed class LoadSession(PsqlSession psql) : IAsyncDisposable
{
    private int told;

    public PsqlSession Psql { get; } = psql;

    /// <param name="settings">All that the dump has set so far; what is told already is passed over.</param>
    public async Task TellAsync(ReadOnlyMemory<byte> settings, CancellationToken cancellationToken)
    {
        await Psql.WriteAsync(settings[told..], cancellationToken);
        told = settings.Length;
    }

    public ValueTask DisposeAsync() => Psql.DisposeAsync();
}
