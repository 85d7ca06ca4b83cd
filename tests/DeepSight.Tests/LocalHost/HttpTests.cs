using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Tests.LocalHost;

public sealed class HttpTests
{
    private const string FunctionKey = "function-key-0123456789";
    private const string MasterKey = "master-key-0123456789";

    private static readonly TestAppOptions WithKeys = new()
    {
        Settings = { ["DEEPSIGHT_FUNCTION_KEY"] = FunctionKey, ["DEEPSIGHT_MASTER_KEY"] = MasterKey },
    };

    public sealed record Order(string Backup);

    public sealed class Endpoints(Probe probe)
    {
        [Function("Open")]
        public static IResult Open([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/db")] HttpRequest request) => TypedResults.Ok(new { status = "healthy" });

        [Function("Runs")]
        public async Task<IResult> Runs(
            [HttpTrigger(AuthorizationLevel.Function, "get", Route = "runs/{id:int?}")] HttpRequest request, int? id, FunctionContext context)
        {
            await probe.CallAsync($"runs {id?.ToString() ?? "all"}", context.CancellationToken);
            Assert.Same(request.HttpContext, context.GetHttpContext());
            return TypedResults.Text(id?.ToString() ?? "all");
        }

        [Function("Typed")]
        public static IResult Typed([HttpTrigger(AuthorizationLevel.Anonymous, Route = "typed/{id}")] HttpRequest request, Guid id) => TypedResults.Text(id.ToString("N"));

        [Function("Restores")]
        public async Task<IResult> Restores([HttpTrigger(AuthorizationLevel.Function, "post")] HttpRequest request, CancellationToken cancellationToken)
        {
            if (!request.HasJsonContentType()) return TypedResults.StatusCode(StatusCodes.Status415UnsupportedMediaType);

            try
            {
                var order = await request.ReadFromJsonAsync<Order>(cancellationToken);
                await probe.CallAsync($"restore {order!.Backup}", cancellationToken);
                return TypedResults.Accepted("/api/runs/7");
            }
            catch (System.Text.Json.JsonException e)
            {
                return TypedResults.Problem(e.Message, statusCode: StatusCodes.Status400BadRequest);
            }
        }

        [Function("AdminOnly")]
        public static IResult AdminOnly([HttpTrigger(AuthorizationLevel.Admin, "get")] HttpRequest request) => TypedResults.Ok();

        [Function("Slow")]
        public async Task<IResult> Slow([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request, CancellationToken cancellationToken)
        {
            await probe.CallAsync("slow", cancellationToken);
            return TypedResults.Ok();
        }
    }

    public static class Rival
    {
        [Function("Rival")]
        public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "post", "get", Route = "Health/DB")] HttpRequest request) => TypedResults.NoContent();
    }

    private static Action<HttpRequestMessage> Key(string key) => request => request.Headers.Add("x-functions-key", key);

    [Fact]
    public async Task A_function_answers_below_the_prefix()
    {
        await using var app = await TestApp.StartAsync(typeof(Endpoints));
        using var response = await app.SendAsync(HttpMethod.Get, "/api/health/db");
        Assert.Equal("""{"status":"healthy"}""", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(HttpStatusCode.NotFound, await app.StatusAsync(HttpMethod.Get, "/health/db"));
    }

    [Fact]
    public async Task The_prefix_comes_from_host_json_and_may_be_empty()
    {
        const string hostJson = """{"version":"2.0","extensions":{"http":{"routePrefix":""}}}""";
        await using var app = await TestApp.StartAsync(new TestAppOptions { HostJson = hostJson }, typeof(Endpoints));
        Assert.Contains($"{app.Http.BaseAddress!.GetLeftPart(UriPartial.Authority)}/health/db", app.Table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Route_values_reach_parameters_of_their_name()
    {
        await using var app = await TestApp.StartAsync(typeof(Endpoints));
        Assert.Equal("12", await app.Http.GetStringAsync(new Uri("/api/runs/12", UriKind.Relative), TestContext.Current.CancellationToken));
        Assert.Equal("all", await app.Http.GetStringAsync(new Uri("/api/runs", UriKind.Relative), TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.NotFound, await app.StatusAsync(HttpMethod.Get, "/api/runs/twelve"));
    }

    [Fact]
    public async Task A_route_value_of_the_wrong_type_fails_as_on_Azure()
    {
        await using var app = await TestApp.StartAsync(typeof(Endpoints));
        Assert.Equal(HttpStatusCode.InternalServerError, await app.StatusAsync(HttpMethod.Get, "/api/typed/not-a-guid"));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync(HttpMethod.Post, $"/api/typed/{Guid.NewGuid()}"));
    }

    [Fact]
    public async Task A_wrong_method_is_not_found_as_on_Azure()
    {
        await using var app = await TestApp.StartAsync(typeof(Endpoints));
        Assert.Equal(HttpStatusCode.NotFound, await app.StatusAsync(HttpMethod.Delete, "/api/health/db"));
        Assert.Equal(HttpStatusCode.NotFound, await app.StatusAsync(HttpMethod.Put, "/admin/functions/Open"));
    }

    [Fact]
    public async Task With_keys_a_function_wants_one()
    {
        await using var app = await TestApp.StartAsync(WithKeys, typeof(Endpoints));
        Assert.Equal(HttpStatusCode.Unauthorized, await app.StatusAsync(HttpMethod.Get, "/api/runs"));
        Assert.Equal(HttpStatusCode.Unauthorized, await app.StatusAsync(HttpMethod.Get, "/api/runs", Key("wrong")));
        Assert.Equal(HttpStatusCode.Unauthorized, await app.StatusAsync(HttpMethod.Get, "/api/runs", Key("")));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync(HttpMethod.Get, "/api/runs", Key(FunctionKey)));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync(HttpMethod.Get, "/api/runs", Key(MasterKey)));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync(HttpMethod.Get, $"/api/runs?code={FunctionKey}"));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync(HttpMethod.Get, "/api/health/db"));
        Assert.Equal(3, app.Probe.Calls.Count);
    }

    [Fact]
    public async Task The_key_in_the_header_wins_over_the_query()
    {
        await using var app = await TestApp.StartAsync(WithKeys, typeof(Endpoints));
        Assert.Equal(HttpStatusCode.Unauthorized, await app.StatusAsync(HttpMethod.Get, $"/api/runs?code={FunctionKey}", Key("wrong")));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync(HttpMethod.Get, "/api/runs?code=wrong", Key(FunctionKey)));
    }

    [Fact]
    public async Task Level_Admin_wants_the_master_key()
    {
        await using var app = await TestApp.StartAsync(WithKeys, typeof(Endpoints));
        Assert.Equal(HttpStatusCode.Unauthorized, await app.StatusAsync(HttpMethod.Get, "/api/AdminOnly", Key(FunctionKey)));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync(HttpMethod.Get, "/api/AdminOnly", Key(MasterKey)));
    }

    [Fact]
    public async Task Without_keys_everything_is_open_to_this_machine()
    {
        await using var app = await TestApp.StartAsync(typeof(Endpoints));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync(HttpMethod.Get, "/api/runs"));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync(HttpMethod.Get, "/api/AdminOnly"));
    }

    [Fact]
    public async Task Without_keys_a_forged_host_name_is_refused()
    {
        await using var app = await TestApp.StartAsync(typeof(Endpoints));
        Assert.Equal(HttpStatusCode.BadRequest, await app.StatusAsync(HttpMethod.Get, "/api/runs", request => request.Headers.Host = "rebound.example"));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync(HttpMethod.Get, "/api/runs", request => request.Headers.Host = "localhost:7071"));
    }

    [Fact]
    public async Task Without_keys_another_sites_page_is_refused()
    {
        await using var app = await TestApp.StartAsync(typeof(Endpoints));
        Assert.Equal(HttpStatusCode.Forbidden, await app.StatusAsync(HttpMethod.Post, "/api/Restores", request =>
        {
            request.Headers.Add("Origin", "https://elsewhere.example");
            request.Content = JsonContent.Create(new Order("x"));
        }));
        var own = app.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync(HttpMethod.Get, "/api/runs", request => request.Headers.Add("Origin", own)));
        Assert.DoesNotContain("restore x", app.Probe.Calls);
    }

    [Fact]
    public async Task A_body_is_read_and_answered()
    {
        await using var app = await TestApp.StartAsync(typeof(Endpoints));
        using var response = await app.SendAsync(HttpMethod.Post, "/api/Restores", request => request.Content = JsonContent.Create(new Order("b1")));
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("/api/runs/7", response.Headers.Location!.ToString());
        Assert.Equal(["restore b1"], app.Probe.Calls);
    }

    [Fact]
    public async Task Malformed_JSON_is_a_bad_request_of_the_functions_own()
    {
        await using var app = await TestApp.StartAsync(typeof(Endpoints));
        using var response = await app.SendAsync(HttpMethod.Post, "/api/Restores", request =>
            request.Content = new StringContent("{\"Backup\":", System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_is_too_large_is_refused(bool chunked)
    {
        var options = new TestAppOptions { Settings = { ["FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"] = "1000" } };
        await using var app = await TestApp.StartAsync(options, typeof(Endpoints));
        var status = await app.StatusAsync(HttpMethod.Post, "/api/Restores", request =>
        {
            request.Content = JsonContent.Create(new Order(new string('x', 2000)));
            if (chunked) request.Headers.TransferEncodingChunked = true;
        });
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Empty(app.Probe.Calls);
    }

    [Fact]
    public async Task A_function_that_throws_answers_500_and_nothing_of_why()
    {
        await using var app = await TestApp.StartAsync(typeof(Endpoints));
        app.Probe.Behaviour = (_, _) => throw new InvalidOperationException("password=hunter2");
        using var response = await app.SendAsync(HttpMethod.Get, "/api/Slow");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await app.EventuallyAsync(() => app.Log.Has("Error Slow: Failed"));
    }

    /// <summary>Heads as no good client sends them, byte for byte; <c>ÿ</c> stands for a byte that is no UTF-8.</summary>
    [Fact]
    public async Task No_head_of_a_request_is_the_hosts_failure()
    {
        await using var app = await TestApp.StartAsync(typeof(Endpoints));
        string[] lines =
        [
            "GET /api/health/db?a=%ff", "GET /api/health/db?%ed%a0%80=%ed%a0%80", "GET /api/runs/%ff", "GET /api/runs/%ed%a0%80", "GET /api/runs/%00", "GET /api/%ff", "GET /%c0%ae%c0%ae/",
            "GET /api/health/db?a=ÿ", "GET /api/ÿ", "GET /api/health/db?a=%", "GET /api/health/db?code=%ff", "GET /api/health/db?a=#b", "GET /api/runs/..%2f..%2f1", "GET //api//runs",
            "GET /admin/functions/%ff", "GET /admin/functions/%ed%a0%80/status", "ÿ /api/health/db", "GET *", "GET api/health/db",
        ];
        string[] headers =
        [
            "X: ÿ", "X: \u00c3\u00a9", "ÿ: x", "X: \u00ed\u00a0\u0080", "x-functions-key: ÿ", "Origin: ÿ", "Content-Type: ÿ", "X: \u0001", "Accept: \u00c3\u00a9", "Cookie: \u00c3\u00a9=\u00c3\u00a9",
            "Referer: http://\u00c3\u00a9/", "User-Agent: \u00c3\u00a9", "x-ms-invocation-id: \u00c3\u00a9", "traceparent: \u00c3\u00a9", "If-Match: \u00c3\u00a9", "Range: bytes=ÿ", "Content-Length: \u00c3\u00a9", "Expect: \u00c3\u00a9",
        ];
        foreach (var (line, header) in lines.Select(line => (line, "X: x")).Concat(headers.Select(header => ("GET /api/health/db", header))))
        {
            using var socket = new System.Net.Sockets.TcpClient();
            await socket.ConnectAsync(IPAddress.Loopback, app.Http.BaseAddress!.Port, TestContext.Current.CancellationToken);
            await using var stream = socket.GetStream();
            await stream.WriteAsync(System.Text.Encoding.Latin1.GetBytes($"{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{header}\r\n\r\n"), TestContext.Current.CancellationToken);
            using var reader = new StreamReader(stream);
            var answer = await reader.ReadLineAsync(TestContext.Current.CancellationToken);
            Assert.True(answer?.Split(' ') is [_, ['2' or '4', ..], ..], $"{line}, {header}: {answer}{Environment.NewLine}{app.Log}");
        }
    }

    [Fact]
    public void Others_who_can_log_in_are_known()
    {
        string[] accounts =
        [
            "root:x:0:0::/root:/bin/bash", "daemon:x:1:1::/:/usr/sbin/nologin", "us:x:1000:1000::/home/us:/bin/bash", "ann:x:1001:1001::/home/ann:/bin/zsh", "odd",
            "bob:x:1002:1002::/home/bob:", "out:x:1003:1003::/home/out:/bin/false",
        ];
        Assert.Equal(["ann", "bob"], DeepSight.LocalHost.Http.OtherUsers.Of(accounts, "us"));
    }

    [Fact]
    public async Task A_thousand_requests_at_fifty_at_once_are_all_answered()
    {
        await using var app = await TestApp.StartAsync(typeof(Endpoints));
        var all = new System.Collections.Concurrent.ConcurrentBag<HttpStatusCode>();
        await Parallel.ForAsync(0, 1000, new ParallelOptions { MaxDegreeOfParallelism = 50, CancellationToken = TestContext.Current.CancellationToken },
            async (_, _) => all.Add(await app.StatusAsync(HttpMethod.Get, "/api/health/db")));
        Assert.Equal(1000, all.Count(status => status == HttpStatusCode.OK));
    }

    [Fact]
    public async Task Two_functions_for_one_route_are_told()
    {
        await using var app = await TestApp.StartAsync(typeof(Endpoints), typeof(Rival));
        Assert.Contains("error: 'Open' answers '/api/Health/DB' already", app.Table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_goes_away_cancels_the_function()
    {
        await using var app = await TestApp.StartAsync(typeof(Endpoints));
        app.Probe.Behaviour = (_, token) => Task.Delay(Timeout.Infinite, token);
        using var leaving = new CancellationTokenSource();
        var request = app.Http.GetAsync(new Uri("/api/Slow", UriKind.Relative), leaving.Token);
        await app.EventuallyAsync(() => app.Probe.Calls.Count == 1);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await app.EventuallyAsync(() => app.Log.Has("Warning Slow: Cancelled"));
    }

    [Fact]
    public async Task A_disabled_function_is_not_found_but_for_the_master_key()
    {
        var options = WithKeys with { Settings = new(WithKeys.Settings) { ["AzureWebJobs.Open.Disabled"] = "true" } };
        await using var app = await TestApp.StartAsync(options, typeof(Endpoints));
        Assert.Equal(HttpStatusCode.NotFound, await app.StatusAsync(HttpMethod.Get, "/api/health/db"));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync(HttpMethod.Get, "/api/health/db", Key(MasterKey)));
        Assert.Contains("off: AzureWebJobs.Open.Disabled is set", app.Table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_table_gives_the_apps_own_reason_and_asks_for_no_key_that_is_not_needed()
    {
        var because = new Dictionary<string, string?> { ["AzureWebJobs.Open.Disabled"] = "true", ["AzureWebJobs.Open.DisabledBecause"] = "OPENING_URL is not set" };
        await using var open = await TestApp.StartAsync(new TestAppOptions { Settings = because }, typeof(Endpoints));
        await using var closed = await TestApp.StartAsync(WithKeys, typeof(Endpoints));
        Assert.Contains("off: OPENING_URL is not set", open.Table, StringComparison.Ordinal);
        Assert.DoesNotContain("key)", open.Table, StringComparison.Ordinal);
        Assert.Contains("(function key)", closed.Table, StringComparison.Ordinal);
    }
}
