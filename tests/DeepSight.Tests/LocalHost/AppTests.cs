using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Queues;
using DeepSight.Core.Restore.Requests;
using DeepSight.Core.Settings;
using DeepSight.LocalHost;
using DeepSight.LocalHost.Settings;
using DeepSight.Tests.Queues;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;
using App = DeepSight.Functions;

namespace DeepSight.Tests.LocalHost;

/// <summary>The app's own functions on the local host, against a real database.</summary>
public sealed class AppTests(PostgresServers servers, SharedAzurite azurite) : IDisposable
{
    private const string Key = "a-function-key-of-thirty-two-chars";

    private const string MasterKey = "a-master-key-of-thirty-three-chars";

    private readonly TemporaryFolder backups = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => backups.Dispose();

    [Fact]
    public async Task Health_answers_200_and_with_wrong_settings_503_and_all_that_is_wrong()
    {
        var database = await DatabaseAsync();
        await using var well = await StartAsync(database);
        await using var wrong = await StartAsync(database, ("BACKUP_CRON_HOUR", "4"), ("BACKUP_SCHEDULE", "0 0 3 * * *"), ("HEALTH_TIMEOUT_SECONDS", "soon"));

        var (good, body) = await GetAsync(well, "/api/health/db");
        var (bad, errors) = await GetAsync(wrong, "/api/health/db");

        Assert.Equal((HttpStatusCode.OK, "healthy"), (good, body.GetProperty("database").GetProperty("status").GetString()));
        Assert.Equal(["database", "migrations"], body.EnumerateObject().Select(member => member.Name));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "unhealthy"), (bad, errors.GetProperty("database").GetProperty("status").GetString()));
        Assert.Matches("HEALTH_TIMEOUT_SECONDS is 'soon'[^!]*BACKUP_CRON_HOUR is 4 and BACKUP_SCHEDULE", errors.GetProperty("database").GetProperty("error").GetString());
        Assert.Equal(HttpStatusCode.NotFound, await well.StatusAsync(HttpMethod.Post, "/api/health/db"));
    }

    [Fact]
    public async Task With_wrong_settings_the_host_is_up_jobs_refuse_and_requests_are_not_taken()
    {
        await using var app = await StartAsync(await DatabaseAsync(), ("BACKUP_CRON_HOUR", "99"));

        await BackUpAsync(app);
        await app.EventuallyAsync(() => app.Log.ToString().Contains("Failed after", StringComparison.Ordinal));
        using var response = await PostAsync(app, """{"backup":"latest"}""");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("BACKUP_CRON_HOUR is '99'", app.Log.ToString(), StringComparison.Ordinal);
        Assert.Empty(Manifests());
    }

    [Fact]
    public async Task A_backup_is_made_by_hand_and_listed()
    {
        await using var app = await StartAsync(await DatabaseAsync());

        await BackUpAsync(app);
        await app.EventuallyAsync(() => Manifests().Length == 1);
        var (status, list) = await GetAsync(app, "/api/backups?limit=5", Key);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal((1, 3L), (list.GetProperty("total").GetInt32(), list.GetProperty("backups")[0].GetProperty("rows").GetInt64()));
        Assert.Equal(HttpStatusCode.Unauthorized, await app.StatusAsync(HttpMethod.Get, "/api/backups"));
        foreach (var limit in new[] { "0", "%ff", "%ed%a0%80", "%00" })
            Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync(app, $"/api/backups?limit={limit}", Key)).Status);
    }

    [Fact]
    public async Task A_host_that_starts_makes_the_backup_that_is_overdue_and_no_other()
    {
        var database = await DatabaseAsync();
        await using (var first = await StartAsync(database, start: true))
            await first.EventuallyAsync(() => Manifests().Length == 1);

        await using var second = await StartAsync(database, start: true);
        await second.EventuallyAsync(() => second.Log.ToString().Contains("No backup was missed", StringComparison.Ordinal));

        Assert.Single(Manifests());
    }

    [Fact]
    public async Task A_host_whose_database_is_away_at_start_stays_up()
    {
        await using var app = await StartAsync((await DatabaseAsync()) with { Port = 1 }, start: true);

        Assert.Equal("no server listens there", (await GetAsync(app, "/api/health/db")).Body.GetProperty("database").GetProperty("error").GetString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_restore_request_is_answered_with_its_run_and_is_on_the_queue(bool onAzure)
    {
        var database = await DatabaseAsync();
        Store("deepsight_20260212_030000.sql.gz");
        var storage = onAzure ? await azurite.ConnectionStringAsync() : "";
        await using var app = await StartAsync(database, ("AzureWebJobsStorage", storage), ("AzureFunctionsWebHost:hostid", $"t{Guid.NewGuid():N}"));

        using var response = await PostAsync(app, """{"backup":"latest","mode":"in-place","clean":true}""");

        var message = (await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled));
        var id = message.GetProperty("request_id").GetString();
        Assert.Equal((HttpStatusCode.Accepted, $"/api/runs/{id}"), (response.StatusCode, response.Headers.Location?.ToString()));
        Assert.Equal("deepsight_20260212_030000.sql.gz", message.GetProperty("backup").GetString());
        Assert.Equal(database.Target, message.GetProperty("target").GetString());
        var queue = Queues(app, storage).Open(RestoreMessage.Queue);
        Assert.Contains(await queue.PeekAsync(32, Cancelled), peeked => peeked.Text == message.GetRawText());
    }

    [Theory]
    [InlineData("", "neither a JSON object nor base64")]
    [InlineData("{\"backup\":", "not a JSON object (line 1")]
    [InlineData("""{"\ud800":"\udfff"}""", "not a JSON object")]
    [InlineData("{}", "backup is missing")]
    [InlineData("""{"backup":"latest","drop":"everything"}""", "'drop' is not a field")]
    [InlineData("""{"backup":"../../etc/passwd"}""", "not the name of a backup")]
    [InlineData("""{"backup":"deepsight_20200101_000000.sql.gz"}""", "There is no backup 'deepsight_20200101_000000.sql.gz'")]
    [InlineData("""{"backup":"latest","target":"elsewhere:5432/app"}""", "is for 'elsewhere:5432/app'")]
    [InlineData("""{"backup":"latest","expires_at":"2020-01-01T00:00:00Z"}""", "expired at 2020-01-01 00:00:00 UTC")]
    public async Task A_wrong_request_is_400_with_problem_details(string body, string expected)
    {
        Store("deepsight_20260212_030000.sql.gz");
        await using var app = await StartAsync(await DatabaseAsync());

        using var response = await PostAsync(app, body);

        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Contains(expected, (await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, await Queues(app, "").Open(RestoreMessage.Queue).CountAsync(Cancelled));
    }

    [Fact]
    public async Task A_request_without_its_key_or_with_too_much_in_it_is_refused()
    {
        await using var app = await StartAsync(await DatabaseAsync());

        using var keyless = await PostAsync(app, "{}", key: "a-wrong-key-of-thirty-two-characters");
        using var large = await PostAsync(app, $$"""{"backup":"{{new string('x', 65536)}}"}""");

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.RequestEntityTooLarge), (keyless.StatusCode, large.StatusCode));
    }

    [Fact]
    public async Task A_thousand_probes_are_answered_while_a_backup_runs()
    {
        var database = await DatabaseAsync();
        await using var app = await StartAsync(database);
        // The dump waits for this table, so that it lasts as long as the probes do.
        await using var holder = await database.OpenAsync();
        await holder.ExecuteAsync("begin; lock table t");
        await BackUpAsync(app);
        await app.EventuallyAsync(() => Directory.GetFiles(backups.Path, "*.pending").Length == 1);

        var statuses = new List<HttpStatusCode>();
        for (var wave = 0; wave < 20; wave++)
            statuses.AddRange(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => app.StatusAsync(HttpMethod.Get, "/api/health/db"))));
        await holder.ExecuteAsync("commit");

        Assert.Equal([HttpStatusCode.OK], statuses.Distinct());
        await app.EventuallyAsync(() => Manifests().Length == 1);
    }

    [Fact]
    public async Task A_request_that_the_stopped_storage_does_not_take_is_answered_503_within_five_seconds()
    {
        await using var storage = await Azurite.StartNewAsync();
        await using var app = await StartAsync(await DatabaseAsync(), ("AzureWebJobsStorage", storage.ConnectionString), ("AzureFunctionsWebHost:hostid", $"t{Guid.NewGuid():N}"));
        Store("deepsight_20260212_030000.sql.gz");
        await storage.StopAsync();

        var asked = Stopwatch.StartNew();
        using var response = await PostAsync(app, """{"backup":"latest"}""");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.InRange(asked.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    private Task<DatabaseUrl> DatabaseAsync() => servers.NewDatabaseAsync(17, "create table t as select 1 as id union select 2 union select 3");

    private Task<TestApp> StartAsync(DatabaseUrl database, params (string Name, string Value)[] more) => StartAsync(database, start: false, more);

    /// <param name="start">With what the app does at its start.</param>
    private Task<TestApp> StartAsync(DatabaseUrl database, bool start, params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string?>
        {
            ["DATABASE_URL"] = $"postgresql://{database.User}:{database.Password}@{database.Host}:{database.Port}/{database.Database}",
            ["BACKUP_DIR"] = backups.Path,
            ["BACKUP_STORE"] = "local",
            ["MIGRATIONS_AUTO"] = "off",
            ["DEEPSIGHT_FUNCTION_KEY"] = Key,
            ["DEEPSIGHT_MASTER_KEY"] = MasterKey,
        };
        foreach (var (name, value) in more) settings[name] = value;
        var loaded = DeepSightSettings.Load(new SettingsSource().Add(settings, "test"));
        return TestApp.StartAsync(new TestAppOptions
        {
            Settings = new Dictionary<string, string?>(settings) { ["BACKUP_SCHEDULE"] = loaded.Backup.EffectiveSchedule },
            RealTime = true,
            Timings = new HostTimings { ShutdownWait = TimeSpan.FromSeconds(20) },
            Configure = services =>
            {
                services.AddDeepSight(loaded).AddSingleton<App.RunningJobs>().AddSingleton<App.AppQueues>().AddSingleton<App.RequestQueue>();
                if (start) services.AddHostedService<App.HostStart>();
            },
        }, typeof(App.Backup), typeof(App.Health), typeof(App.RequestRestore), typeof(App.Backups));
    }

    private static IMessageQueues Queues(TestApp app, string storage) => MessageQueues.FromSettings(
        name => name == StorageConnection.Default ? storage : name == LocalState.Setting ? app.Services.GetRequiredService<HostEnvironment>().Folder : null, TimeProvider.System);

    private static async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(TestApp app, string path, string? key = null)
    {
        using var response = await app.SendAsync(HttpMethod.Get, path, request =>
        {
            if (key is not null) request.Headers.Add("x-functions-key", key);
        });
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled));
    }

    private static Task<HttpResponseMessage> PostAsync(TestApp app, string body, string key = Key) => app.SendAsync(HttpMethod.Post, "/api/restores", request =>
    {
        request.Headers.Add("x-functions-key", key);
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
    });

    private static async Task BackUpAsync(TestApp app) =>
        Assert.Equal(HttpStatusCode.Accepted, await app.StatusAsync(HttpMethod.Post, "/admin/functions/Backup", request =>
        {
            request.Headers.Add("x-functions-key", MasterKey);
            request.Content = JsonContent.Create(new { });
        }));

    /// <summary>Of backups that are done: their marker goes last.</summary>
    private string[] Manifests() =>
        [.. Directory.GetFiles(backups.Path, "*.manifest.json").Where(path => !File.Exists(path.Replace(".manifest.json", ".pending", StringComparison.Ordinal)))];

    private void Store(string name)
    {
        File.WriteAllText(Path.Combine(backups.Path, name), "what it holds is not read");
        File.WriteAllText(Path.Combine(backups.Path, name + ".manifest.json"), "");
    }
}
