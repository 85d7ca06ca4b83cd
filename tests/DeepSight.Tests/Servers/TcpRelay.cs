using System.Net;
using System.Net.Sockets;

namespace DeepSight.Tests.Servers;

/// <summary>Stands between a client and a server: counts how often the client speaks and waits, and can go silent.</summary>
internal sealed class TcpRelay : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource ended = new();
    private readonly int target;
    private readonly Task accepting;
    private int turns;

    public TcpRelay(int target)
    {
        this.target = target;
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Round trips: what the client sent after the server had spoken last.</summary>
    public int Turns => Volatile.Read(ref turns);

    /// <summary>Takes what comes and passes nothing on, as a firewall does that has forgotten the connection.</summary>
    public bool IsSilent { get; set; }

    /// <summary>
    /// What a client says at which its connection is lost, once: the server hears it all the same, but only after <see cref="CutDelay"/>.
    /// </summary>
    public byte[]? CutAt { get; set; }

    public TimeSpan CutDelay { get; set; }

    public bool WasCut { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        listener.Stop();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        var relays = new List<Task>();
        while (!ended.IsCancellationRequested)
        {
            var client = await listener.AcceptTcpClientAsync(ended.Token);
            relays.Add(RelayAsync(client));
        }

        await Task.WhenAll(relays);
    }

    private async Task RelayAsync(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient();
        await far.ConnectAsync(IPAddress.Loopback, target, ended.Token);
        var answered = true;
        await Task.WhenAny(
            CopyAsync(near, far, () =>
            {
                if (answered) Interlocked.Increment(ref turns);
                answered = false;
            }, said => CutAt is { } cut && said.Span.IndexOf(cut) >= 0),
            CopyAsync(far, near, () => answered = true, static _ => false));
    }

    private async Task CopyAsync(TcpClient from, TcpClient to, Action seen, Func<ReadOnlyMemory<byte>, bool> cuts)
    {
        var buffer = new byte[65536];
        while (await from.GetStream().ReadAsync(buffer, ended.Token) is > 0 and var count)
        {
            seen();
            if (cuts(buffer.AsMemory(0, count)))
            {
                (CutAt, WasCut) = (null, true);
                from.Client.Close(0);
                await Task.Delay(CutDelay, ended.Token);
                await to.GetStream().WriteAsync(buffer.AsMemory(0, count), ended.Token);
                await Task.Delay(TimeSpan.FromSeconds(1), ended.Token);
                return;
            }
            if (!IsSilent) await to.GetStream().WriteAsync(buffer.AsMemory(0, count), ended.Token);
        }
    }
}
