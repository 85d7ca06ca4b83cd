using DeepSight.Core.Postgres;

namespace DeepSight.Core.Databases;

/// <summary>Two scratch databases of one server, to be compared. What killed runs left there goes first.</summary>
internal sealed class ScratchPair : IAsyncDisposable
{
    private ScratchPair(ScratchDatabase first, ScratchDatabase second) => (First, Second) = (first, second);

    public ScratchDatabase First { get; }

    public ScratchDatabase Second { get; }

    /// <param name="first">What the first is for, as in its name.</param>
    /// <param name="second">What the second is for.</param>
    /// <exception cref="DeepSightException">The server can't be reached, or a database can't be made.</exception>
    public static async Task<ScratchPair> CreateAsync(DatabaseUrl server, string first, string second, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using (var connection = await PostgresServer.ConnectAsync(server, "deepsight migrate", cancellationToken))
            await AbandonedDatabases.DropAsync(connection, server, cancellationToken);
        var one = await ScratchDatabase.CreateAsync(server, first, null, null, clock, cancellationToken);
        try
        {
            return new ScratchPair(one, await ScratchDatabase.CreateAsync(server, second, null, null, clock, cancellationToken));
        }
        catch
        {
            await one.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Second.DisposeAsync();
        await First.DisposeAsync();
    }
}
