using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using DeepSight.Core.Postgres;

namespace DeepSight.Benchmarks.Database;

/// <summary>A long way to a server: what either side sends comes at a limited rate, connection by connection, and after a delay.</summary>
internal sealed class ThrottledRelay : IAsyncDisposable
{
    private const int BytesPerSecond = 20_000_000;

    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(20);

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource ended = new();
    private readonly EndPoint target;
    private readonly Task accepting;

    /// <param name="database">On a server that listens on a socket of a folder.</param>
    public ThrottledRelay(DatabaseUrl database)
    {
        target = new UnixDomainSocketEndPoint(Path.Combine(database.Host, $".s.PGSQL.{database.Port}"));
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

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
        while (!ended.IsCancellationRequested) relays.Add(RelayAsync(await listener.AcceptTcpClientAsync(ended.Token)));
        await Task.WhenAll(relays);
    }

    private async Task RelayAsync(TcpClient client)
    {
        using var near = client;
        near.NoDelay = true;
        using var far = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await far.ConnectAsync(target, ended.Token);
        await using var server = new NetworkStream(far);
        await Task.WhenAny(CopyAsync(near.GetStream(), server), CopyAsync(server, near.GetStream()));
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        // As much as is on its way at once.
        var underway = Channel.CreateBounded<(byte[] Content, long Due)>(16);
        var sending = SendAsync();
        while (true)
        {
            var buffer = new byte[1 << 15];
            var count = await from.ReadAsync(buffer, ended.Token);
            if (count == 0) break;
            await underway.Writer.WriteAsync((buffer[..count], Environment.TickCount64 + (long)Delay.TotalMilliseconds), ended.Token);
        }

        underway.Writer.Complete();
        await sending;

        async Task SendAsync()
        {
            var free = 0.0;
            await foreach (var (content, due) in underway.Reader.ReadAllAsync(ended.Token))
            {
                free = Math.Max(free, due) + content.Length * 1000.0 / BytesPerSecond;
                if ((int)(Math.Max(free, due) - Environment.TickCount64) is > 0 and var wait) await Task.Delay(wait, ended.Token);
                await to.WriteAsync(content, ended.Token);
            }
        }
    }
}
