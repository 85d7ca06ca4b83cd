using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Tests.LocalHost;

public sealed class AdminTests
{
    public sealed class Functions(Probe probe)
    {
        [Function("Backup")]
        public Task Backup([TimerTrigger("0 0 3 * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
            probe.CallAsync($"backup {timer.IsPastDue}", cancellationToken);

        [Function("Restore")]
        public Task Restore([QueueTrigger("restore-requests")] string message, FunctionContext context) =>
            probe.CallAsync($"restore {message} {context.BindingContext.BindingData["DequeueCount"]}", CancellationToken.None);

        [Function("Health")]
        public static IResult Health([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) => TypedResults.Ok();

        [Function("Broken")]
        public static Task Broken([TimerTrigger("%NOWHERE%")] TimerInfo timer) => Task.CompletedTask;
    }

    private static Action<HttpRequestMessage> Json(string body) =>
        request => request.Content = new StringContent(body, Encoding.UTF8, "application/json");

    [Fact]
    public async Task A_timer_is_run_by_hand_with_202()
    {
        await using var app = await TestApp.StartAsync(typeof(Functions));
        Assert.Equal(HttpStatusCode.Accepted, await app.StatusAsync(HttpMethod.Post, "/admin/functions/backup", Json("{}")));
        await app.EventuallyAsync(() => app.Log.Has("Information Backup: Succeeded"));
        Assert.Equal(["backup False"], app.Probe.Calls);
    }

    [Theory]
    [InlineData("""{"input":"\ud800"}""")]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("{\"input\":\"\u00ff\"}", true)]
    [InlineData("{\"input\":{\"\u00ff\":1}}", true)]
    [InlineData("{\"input\":[\"\u00ff\"]}", true)]
    public async Task What_is_no_text_is_never_the_hosts_failure(string body, bool latin = false)
    {
        await using var app = await TestApp.StartAsync(typeof(Functions));
        var status = await app.StatusAsync(HttpMethod.Post, "/admin/functions/Restore", request => request.Content =
            new ByteArrayContent((latin ? Encoding.Latin1 : Encoding.UTF8).GetBytes(body)) { Headers = { ContentType = new("application/json") } });
        Assert.True(status is HttpStatusCode.BadRequest or HttpStatusCode.Accepted, status.ToString());
    }

    [Theory]
    [InlineData("""{"input":"hello"}""", "restore hello 0")]
    [InlineData("""{"input":"{\"target\":\"db\"}"}""", """restore {"target":"db"} 0""")]
    [InlineData("""{"input":{"target":"db"}}""", """restore {"target":"db"} 0""")]
    [InlineData("{}", "restore  0")]
    public async Task A_queue_function_gets_the_input_as_its_message(string body, string call)
    {
        await using var app = await TestApp.StartAsync(typeof(Functions));
        Assert.Equal(HttpStatusCode.Accepted, await app.StatusAsync(HttpMethod.Post, "/admin/functions/Restore", Json(body)));
        await app.EventuallyAsync(() => app.Probe.Calls.Count == 1);
        Assert.Equal([call], app.Probe.Calls);
    }

    [Fact]
    public async Task What_cannot_be_run_says_why()
    {
        await using var app = await TestApp.StartAsync(typeof(Functions));
        Assert.Equal(HttpStatusCode.NotFound, await app.StatusAsync(HttpMethod.Post, "/admin/functions/Unknown", Json("{}")));
        Assert.Equal(HttpStatusCode.BadRequest, await app.StatusAsync(HttpMethod.Post, "/admin/functions/Health", Json("{}")));
        Assert.Equal(HttpStatusCode.BadRequest, await app.StatusAsync(HttpMethod.Post, "/admin/functions/Backup", Json("{\"input\":")));
        Assert.Equal(HttpStatusCode.BadRequest, await app.StatusAsync(HttpMethod.Post, "/admin/functions/Backup", Json("[]")));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await app.StatusAsync(HttpMethod.Post, "/admin/functions/Backup"));
        using var broken = await app.SendAsync(HttpMethod.Post, "/admin/functions/Broken", Json("{}"));
        Assert.Equal(HttpStatusCode.NotFound, broken.StatusCode);
        Assert.Contains("the setting NOWHERE is missing", await broken.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Empty(app.Probe.Calls);
    }

    [Fact]
    public async Task The_status_names_the_functions_in_error()
    {
        await using var app = await TestApp.StartAsync(typeof(Functions));
        using var response = await app.SendAsync(HttpMethod.Get, "/admin/host/status");
        using var status = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("Running", status.RootElement.GetProperty("state").GetString());
        Assert.StartsWith("Broken: the setting NOWHERE is missing", Assert.Single(status.RootElement.GetProperty("errors").EnumerateArray()).GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_keys_admin_wants_the_master_key()
    {
        var options = new TestAppOptions { Settings = { ["DEEPSIGHT_FUNCTION_KEY"] = "function-key-0123456789", ["DEEPSIGHT_MASTER_KEY"] = "master-key-0123456789" } };
        await using var app = await TestApp.StartAsync(options, typeof(Functions));
        Assert.Equal(HttpStatusCode.Unauthorized, await app.StatusAsync(HttpMethod.Get, "/admin/host/status"));
        Assert.Equal(HttpStatusCode.Forbidden, await app.StatusAsync(HttpMethod.Get, "/admin/host/status?code=function-key-0123456789"));
        Assert.Equal(HttpStatusCode.Unauthorized, await app.StatusAsync(HttpMethod.Post, "/admin/functions/Backup", Json("{}")));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync(HttpMethod.Get, "/admin/host/status?code=master-key-0123456789"));
        Assert.Empty(app.Probe.Calls);
    }

    [Fact]
    public async Task Without_a_master_key_admin_is_shut()
    {
        var options = new TestAppOptions { Settings = { ["DEEPSIGHT_FUNCTION_KEY"] = "function-key-0123456789" } };
        await using var app = await TestApp.StartAsync(options, typeof(Functions));
        Assert.Equal(HttpStatusCode.Unauthorized, await app.StatusAsync(HttpMethod.Get, "/admin/host/status?code="));
        Assert.Equal(HttpStatusCode.Forbidden, await app.StatusAsync(HttpMethod.Get, "/admin/host/status?code=function-key-0123456789"));
    }

    [Theory]
    [InlineData("/admin/functions")]
    [InlineData("/admin/functions/Backup")]
    [InlineData("/admin/functions/Backup/status")]
    [InlineData("/admin/host/ping")]
    public async Task What_the_real_host_tells_of_itself_is_told(string path)
    {
        await using var app = await TestApp.StartAsync(typeof(Functions));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync(HttpMethod.Get, path));
    }

    [Fact]
    public async Task A_disabled_function_can_still_be_run_by_hand()
    {
        await using var app = await TestApp.StartAsync(new TestAppOptions { Settings = { ["AzureWebJobs.Backup.Disabled"] = "1" } }, typeof(Functions));
        Assert.Equal(HttpStatusCode.Accepted, await app.StatusAsync(HttpMethod.Post, "/admin/functions/Backup", Json("{}")));
        await app.EventuallyAsync(() => app.Probe.Calls.Count == 1);
    }

    [Fact]
    public async Task A_stopping_host_cancels_and_awaits_a_run_by_hand()
    {
        await using var app = await TestApp.StartAsync(typeof(Functions));
        app.Probe.Behaviour = (_, token) => Task.Delay(Timeout.Infinite, token);
        await app.StatusAsync(HttpMethod.Post, "/admin/functions/Backup", Json("{}"));
        await app.EventuallyAsync(() => app.Probe.Calls.Count == 1);
        await app.StopAsync();
        await app.EventuallyAsync(() => app.Log.Has("Warning Backup: Cancelled"));
        await app.EventuallyAsync(() => app.Log.Has("Stopping; waiting for Backup."));
    }
}
