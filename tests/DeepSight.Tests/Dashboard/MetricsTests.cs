using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using DeepSight.Core.Health;
using DeepSight.Tests.Cli;
using DeepSight.Tests.Delivery;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Dashboard;

/// <summary>GET metrics of the running app, and what infra/grafana makes of it, under promtool.</summary>
public sealed class MetricsTests(PostgresServers servers) : IDisposable
{
    private const string Key = "a-function-key-of-some-length";
    private static readonly string Grafana = Path.Combine(Clone.Root, "infra", "grafana");

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_store_that_is_down_is_told_beside_what_the_others_know()
    {
        var database = await servers.NewDatabaseAsync(18);
        var backups = Path.Combine(folder.Path, "back\"ups <b>\\");
        BackupYear.Fill(backups, backups: 12, runs: 20);
        await using var host = await HostProcess.StartAsync(new Dictionary<string, string>
        {
            ["DATABASE_URL"] = database.Whole(),
            ["BACKUP_DIR"] = backups,
            ["BACKUP_KEEP_LOCAL"] = "true",
            ["AWS_ACCESS_KEY_ID"] = "none",
            ["AWS_SECRET_ACCESS_KEY"] = "none",
            ["AWS_ENDPOINT_URL_S3"] = "http://127.0.0.1:1",
            ["DEEPSIGHT_FUNCTION_KEY"] = Key,
            ["AzureWebJobs__Backup__Disabled"] = "true",
        });

        var (type, text) = await GetAsync(host, $"/api/metrics?code={Key}", "application/openmetrics-text; version=1.0.0, text/plain;q=0.5");
        var (older, _) = await GetAsync(host, $"/api/metrics?code={Key}", "text/plain");
        var (none, _) = await GetAsync(host, $"/api/metrics?code={Key}", null);
        using var closed = await host.Http.GetAsync("/api/metrics", Cancelled);

        Assert.Equal("application/openmetrics-text; version=1.0.0; charset=utf-8", type);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", older);
        Assert.Equal(type, none);
        Assert.Equal(HttpStatusCode.Unauthorized, closed.StatusCode);
        var location = backups.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        Assert.Contains("deepsight_store_up{store=\"S3\",location=\"", text, StringComparison.Ordinal);
        Assert.Matches("deepsight_store_up\\{store=\"S3\",[^\n]* 0\n", text);
        Assert.Contains($"deepsight_store_up{{store=\"local\",location=\"{location}\"}} 1\n", text, StringComparison.Ordinal);
        Assert.Contains($"deepsight_store_backups{{store=\"local\",location=\"{location}\"}} 12\n", text, StringComparison.Ordinal);
        Assert.Contains("\ndeepsight_backup_newest_rows 12000000\n", text, StringComparison.Ordinal);
        Assert.Contains("\ndeepsight_backup_newest_duration_seconds 50\n", text, StringComparison.Ordinal);
        Assert.Contains("\ndeepsight_drill_newest_restore_seconds 100.5\n", text, StringComparison.Ordinal);
        Assert.Contains("\ndeepsight_job_last_outcome{kind=\"backup\",outcome=\"succeeded\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\n# UNIT deepsight_backup_newest_stored_bytes bytes\n", text, StringComparison.Ordinal);
        Assert.Contains("\ndeepsight_database_up 1\n", text, StringComparison.Ordinal);
        Assert.EndsWith("\n# EOF\n", text, StringComparison.Ordinal);
        (await PromtoolAsync("exec \"$0\" check metrics < \"$1\"", await FileAsync(text))).EndedWith(0);
        Assert.Empty(AskedFor().Except(Families(text)).Except(["deepsight_backup_newest_suspicious"]));
    }

    [Fact]
    public async Task The_alert_rules_fire_when_they_should_and_only_then()
    {
        (await PromtoolAsync("exec \"$0\" check rules \"$1\"", Path.Combine(Grafana, "alerts.yml"))).EndedWith(0);
        (await PromtoolAsync("exec \"$0\" test rules \"$1\"", Path.Combine(Grafana, "alerts.test.yml"))).EndedWith(0);
    }

    [Fact]
    public async Task A_label_that_is_not_escaped_would_fail_the_check()
    {
        var good = new MetricsText().Family("deepsight_x_bytes", "Of x.", new MetricsText.Sample(1.5, ("name", "a\"b\\c\n<img src=x>"))).ToString();

        Assert.Equal(
            "# TYPE deepsight_x_bytes gauge\n# UNIT deepsight_x_bytes bytes\n# HELP deepsight_x_bytes Of x.\n"
            + "deepsight_x_bytes{name=\"a\\\"b\\\\c\\n<img src=x>\"} 1.5\n# EOF\n", good);
        (await PromtoolAsync("exec \"$0\" check metrics < \"$1\"", await FileAsync(good))).EndedWith(0);
        (await PromtoolAsync("exec \"$0\" check metrics < \"$1\"", await FileAsync(good.Replace("a\\\"b", "a\"b", StringComparison.Ordinal)))).EndedWith(1);
    }

    /// <summary>What the rules and the Grafana dashboard ask for.</summary>
    private static IEnumerable<string> AskedFor()
    {
        var files = new[] { "alerts.yml", "dashboard.json" }.Select(name => File.ReadAllText(Path.Combine(Grafana, name))).ToList();
        using var parsed = JsonDocument.Parse(files[1]);
        Assert.NotEmpty(parsed.RootElement.GetProperty("panels").EnumerateArray());
        return files.SelectMany(text => Regex.Matches(text, "deepsight_[a-z_]+").Select(match => match.Value)).Distinct();
    }

    private static IEnumerable<string> Families(string text) =>
        text.Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2]);

    private static async Task<(string? Type, string Text)> GetAsync(HostProcess host, string path, string? accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null) request.Headers.Add("Accept", accept);
        using var answer = await host.Http.SendAsync(request, Cancelled);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (answer.Content.Headers.ContentType?.ToString(), await answer.Content.ReadAsStringAsync(Cancelled));
    }

    private async Task<string> FileAsync(string text)
    {
        var path = Path.Combine(folder.Path, "metrics.txt");
        await File.WriteAllTextAsync(path, text, Cancelled);
        return path;
    }

    private static async Task<CommandResult> PromtoolAsync(string script, string file)
    {
        var home = Path.Combine(Clone.Root, ".deepsight", "promtool");
        (await Script.RunAsync("infra/local/promtool/build.sh", home)).EndedWith(0);
        return await Script.RunLineAsync(["sh", "-c", script, Path.Combine(home, "bin", "promtool"), file]);
    }
}
