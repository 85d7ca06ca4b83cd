using System.Net;
using DeepSight.Core;
using DeepSight.Tests.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DeepSight.Tests.LocalHost;

public sealed class SettingsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public sealed class App(Probe probe)
    {
        [Function("Backup")]
        public Task Backup([TimerTrigger("%SCHEDULE%")] TimerInfo timer) => probe.CallAsync("backup", CancellationToken.None);

        [Function("Restore")]
        public Task Restore([QueueTrigger("%PREFIX%-requests")] string message) => probe.CallAsync(message, CancellationToken.None);

        [Function("Remote")]
        public Task Remote([QueueTrigger("requests", Connection = "Elsewhere")] string message) => probe.CallAsync(message, CancellationToken.None);

        [Function("Health")]
        public static IResult Health([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/db")] HttpRequest request) => TypedResults.Ok();
    }

    public void Dispose() => folder.Dispose();

    private TestAppOptions Options => new() { StateFolder = folder.Path };

    private void WriteLocalSettings(string json) => File.WriteAllText(Path.Combine(folder.Path, "local.settings.json"), json);

    [Fact]
    public async Task A_function_whose_setting_is_missing_or_wrong_is_in_error_and_the_others_run()
    {
        await using var app = await TestApp.StartAsync(Options with { Settings = new() { ["SCHEDULE"] = "at three" } }, typeof(App));
        Assert.Contains("Backup    timer   error: the schedule 'at three' can't be read", app.Table, StringComparison.Ordinal);
        Assert.Contains("Restore   queue   error: the setting PREFIX is missing (set it in the environment or in local.settings.json)", app.Table, StringComparison.Ordinal);
        Assert.Contains("Remote    queue   error: this host opens AzureWebJobsStorage alone, not the connection Elsewhere", app.Table, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync(HttpMethod.Get, "/api/health/db"));
        Assert.Equal(3, app.Log.Count("is in error"));
    }

    [Fact]
    public async Task A_name_that_no_queue_may_have_is_an_error_of_its_function()
    {
        await using var app = await TestApp.StartAsync(Options with { Settings = new() { ["SCHEDULE"] = "0 0 3 * * *", ["PREFIX"] = "Upper" } }, typeof(App));
        Assert.Contains("'Upper-requests' can't be the name of a queue", app.Table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_table_shows_schedules_queues_and_URLs()
    {
        await using var app = await TestApp.StartAsync(Options with { Settings = new() { ["SCHEDULE"] = "0 0 3 * * *", ["PREFIX"] = "my" } }, typeof(App));
        var url = app.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        Assert.StartsWith($"  DeepSight.Tests, local host, {url}      settings: the environment{Environment.NewLine}", app.Table, StringComparison.Ordinal);
        Assert.Contains("  Backup    timer   0 0 3 * * *", app.Table, StringComparison.Ordinal);
        Assert.Contains("   next 2026-11-23 03:00 UTC", app.Table, StringComparison.Ordinal);
        Assert.Contains("  Restore   queue   my-requests (directory queue), 0 waiting, 0 poison", app.Table, StringComparison.Ordinal);
        Assert.Contains($"  Health    GET     {url}/api/health/db", app.Table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_of_local_settings_json_are_settings()
    {
        WriteLocalSettings("""
            { // comments are fine
              "IsEncrypted": false, "Values": { "SCHEDULE": "0 30 4 * * *", "PREFIX": "mine", "Section__Key": "deep", }, "Host": { "LocalHttpPort": 7099 } }
            """);
        await using var app = await TestApp.StartAsync(Options, typeof(App));
        Assert.Contains("next 2026-11-23 04:30 UTC", app.Table, StringComparison.Ordinal);
        Assert.Contains("settings: local.settings.json", app.Table, StringComparison.Ordinal);
        Assert.Equal("deep", app.Services.GetRequiredService<IConfiguration>()["Section:Key"]);
    }

    [Fact]
    public async Task The_environment_wins_over_local_settings_json_and_the_table_counts_it()
    {
        WriteLocalSettings("""{"Values":{"SCHEDULE":"0 30 4 * * *","PATH":"nowhere"}}""");
        await using var app = await TestApp.StartAsync(Options, typeof(App));
        Assert.Equal(Environment.GetEnvironmentVariable("PATH"), app.Services.GetRequiredService<IConfiguration>()["PATH"]);
        Assert.Contains("settings: local.settings.json (1 overridden by the environment)", app.Table, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"Values": {"KEY": "with-a-secret" "x": 1}}""")]
    [InlineData("""{"IsEncrypted": true, "Values": {"KEY": "with-a-secret"}}""")]
    public void A_settings_file_that_cannot_be_read_stops_the_host_and_is_not_quoted(string json)
    {
        WriteLocalSettings(json);
        var failure = Assert.Throws<DeepSightException>(() => TestApp.Build(Options, typeof(App)));
        Assert.Equal(FailureKind.InvalidInput, failure.Kind);
        Assert.Contains("local.settings.json", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("with-a-secret", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void All_that_is_wrong_in_host_json_is_said_at_once()
    {
        const string hostJson = """{"functionTimeout":"soon","extensions":{"queues":{"batchSize":33,"maxDequeueCount":0,"messageEncoding":"utf8","visibilityTimeout":"-00:00:01"}}}""";
        var failure = Assert.Throws<DeepSightException>(() => TestApp.Build(Options with { HostJson = hostJson }, typeof(App)));
        Assert.Equal(FailureKind.InvalidInput, failure.Kind);
        foreach (var name in new[] { "functionTimeout", "batchSize", "maxDequeueCount", "messageEncoding", "visibilityTimeout" })
            Assert.Contains(name, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_can_override_host_json()
    {
        var failure = Assert.Throws<DeepSightException>(() => TestApp.Build(
            Options with { Settings = new() { ["AzureFunctionsJobHost:functionTimeout"] = "never" } }, typeof(App)));
        Assert.Contains("functionTimeout is 'never'", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://0.0.0.0:7071")]
    [InlineData("http://*:7071")]
    [InlineData("http://127.0.0.1:7071;http://[::]:7071")]
    [InlineData("http://db.internal:7071")]
    public void Without_keys_an_address_open_to_others_is_refused(string urls)
    {
        var failure = Assert.Throws<DeepSightException>(() => TestApp.Build(Options with { Arguments = ["--urls", urls] }, typeof(App)));
        Assert.Equal(FailureKind.Refused, failure.Kind);
        Assert.Contains("DEEPSIGHT_FUNCTION_KEY", failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_keys_an_address_open_to_others_is_used()
    {
        var options = Options with { Arguments = ["--urls", "http://0.0.0.0:0"], Settings = new() { ["DEEPSIGHT_MASTER_KEY"] = "master-key-0123456789" } };
        await using var app = TestApp.Build(options, typeof(App));
        await app.RunAsync();
        Assert.Contains("http://0.0.0.0:", app.Table, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--urls", "https://127.0.0.1:7071", "http")]
    [InlineData("--urls", "7071", "address")]
    [InlineData("--port", "seventy", "port")]
    [InlineData("--port", "70710", "port")]
    [InlineData("-p=7071", "", "-p=7071")]
    public void An_address_that_makes_no_sense_is_told(string option, string value, string word)
    {
        var failure = Assert.Throws<DeepSightException>(() => TestApp.Build(Options with { Arguments = [option, value] }, typeof(App)));
        Assert.Equal(FailureKind.InvalidInput, failure.Kind);
        Assert.Contains(word, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_too_short_to_be_one_is_refused()
    {
        var failure = Assert.Throws<DeepSightException>(() => TestApp.Build(Options with { Settings = new() { ["DEEPSIGHT_FUNCTION_KEY"] = "short" } }, typeof(App)));
        Assert.Equal(FailureKind.InvalidInput, failure.Kind);
        Assert.DoesNotContain("'short'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_storage_connection_stops_the_host_and_is_not_quoted()
    {
        var failure = Assert.Throws<DeepSightException>(() => TestApp.Build(
            Options with { Settings = new() { ["AzureWebJobsStorage"] = "AccountKey=with-a-secret" } }, typeof(App)));
        Assert.Contains("AzureWebJobsStorage is not a storage connection string", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("with-a-secret", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HTTP_functions_need_ConfigureFunctionsWebApplication_as_on_Azure()
    {
        await using var app = await TestApp.StartAsync(Options with { AspNetCore = false }, typeof(App));
        Assert.Contains("Health    GET     error: HTTP functions need builder.ConfigureFunctionsWebApplication()", app.Table, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, await app.StatusAsync(HttpMethod.Get, "/api/health/db"));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told()
    {
        await using var first = await TestApp.StartAsync(Options, typeof(App));
        await using var second = TestApp.Build(Options with { Arguments = ["--port", $"{first.Http.BaseAddress!.Port}"] }, typeof(App));
        var failure = await Assert.ThrowsAsync<DeepSightException>(second.RunAsync);
        Assert.Equal(FailureKind.Failed, failure.Kind);
        Assert.Contains("--port 0", failure.Hint, StringComparison.Ordinal);
    }
}
