using System.Diagnostics;
using System.Globalization;
using System.Net;
using DeepSight.Tests.Delivery;

namespace DeepSight.Tests.LocalHost;

/// <summary>The host and its worker as processes: what the one does when the other misbehaves or dies.</summary>
public sealed class WorkerTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>With what a machine's environment may hold, and what is meant for the host alone.</summary>
    private static Task<HostProcess> StartAsync() => HostProcess.StartAsync(new Dictionary<string, string>
    {
        ["DEEPSIGHT_APP"] = Path.Combine(AppContext.BaseDirectory, "DeepSight.SampleHost.dll"),
        ["SAMPLE_LOG"] = "/dev/null",
        ["HOME"] = "/nonexistent",
        ["http_proxy"] = "http://127.0.0.1:9",
        ["https_proxy"] = "http://127.0.0.1:9",
        ["DOTNET_gcServer"] = "1",
        ["ASPNETCORE_URLS"] = "http://127.0.0.1:1",
        ["Kestrel__Endpoints__Http__Url"] = "http://127.0.0.1:2",
    });

    private static async Task<int> WorkerAsync(HostProcess host) =>
        int.Parse(await host.Http.GetStringAsync(new Uri("/api/web/pid", UriKind.Relative), Cancelled), CultureInfo.InvariantCulture);

    private static bool Runs(int id) => Directory.Exists($"/proc/{id}");

    private static void Signal(int id, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{id}"]);
        kill.WaitForExit();
    }

    [Fact]
    public async Task Requests_pass_whole_and_a_function_that_throws_is_no_success()
    {
        await using var host = await StartAsync();
        using var thrown = await host.Http.GetAsync(new Uri("/api/web/throw", UriKind.Relative), Cancelled);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/web/headers") { Headers = { { "x-ms-invocation-id", "mine" } } };
        using var headers = await host.Http.SendAsync(request, Cancelled);
        using var large = await host.Http.PostAsync(new Uri("/api/web/length", UriKind.Relative), new ByteArrayContent(new byte[50_000_000]), Cancelled);

        Assert.Equal(HttpStatusCode.InternalServerError, thrown.StatusCode);
        Assert.Equal("50000000", await large.Content.ReadAsStringAsync(Cancelled));
        Assert.Matches("[0-9a-f-]{36}$", await headers.Content.ReadAsStringAsync(Cancelled));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => host.Http.GetStringAsync(new Uri("/api/web/throw-late", UriKind.Relative), Cancelled));
        Assert.True(Runs(int.Parse(await host.Http.GetStringAsync(new Uri("/api/web/noise", UriKind.Relative), Cancelled), CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_worker_that_ends_by_itself_or_is_killed_is_followed_by_another_and_a_signal_to_it_alone_is_none()
    {
        await using var host = await StartAsync();
        var first = await WorkerAsync(host);
        Signal(first, "TERM");
        Assert.Equal(first, await WorkerAsync(host));

        using var ended = await host.Http.GetAsync(new Uri("/api/web/exit", UriKind.Relative), Cancelled);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ended.StatusCode);
        var second = await EventuallyAnotherAsync(host, first);
        Signal(second, "KILL");
        Assert.NotEqual(second, await EventuallyAnotherAsync(host, second));
    }

    [Fact]
    public async Task A_host_that_is_killed_leaves_no_worker()
    {
        await using var host = await StartAsync();
        var worker = await WorkerAsync(host);
        await host.KillAsync();
        await Eventually.HoldsAsync(() => Task.FromResult(!Runs(worker)), () => "The worker outlives its host.");
    }

    private static async Task<int> EventuallyAnotherAsync(HostProcess host, int than)
    {
        var found = than;
        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                return (found = await WorkerAsync(host)) != than;
            }
            catch (HttpRequestException)
            {
                return false; // there is none at this moment
            }
        }, () => "No other worker was started.");
        return found;
    }
}
