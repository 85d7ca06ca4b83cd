using System.Net;
using System.Text;
using System.Text.Json;
using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Queues;
using DeepSight.Core.Restore.Requests;
using DeepSight.Tests.Cli;
using DeepSight.Tests.Delivery;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;
using Microsoft.Playwright;

namespace DeepSight.Tests.Dashboard;

/// <summary>The dashboard of the running app, in a real browser, by mouse.</summary>
public sealed class DashboardTests(PostgresServers servers, Browser browser) : IDisposable
{
    private const string Key = "a-function-key-of-some-length";

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Backups => Path.Combine(folder.Path, "backups");

    private string State => Path.Combine(folder.Path, "state");

    public void Dispose() => folder.Dispose();

    /// <summary>In a database whose name is HTML, so that every place that shows it is tried as well.</summary>
    [Fact]
    public async Task The_quickstart_s_story_is_told_by_mouse()
    {
        var server = await servers.GetAsync(18);
        var database = server.Url.WithDatabase(DashboardTab.Payload);
        await server.Url.ExecuteAsync($"drop database if exists \"{database.Database}\" with (force)");
        await server.Url.ExecuteAsync($"create database \"{database.Database}\"");
        await database.ExecuteAsync("create table users as select n as id, 'user ' || n as name from generate_series(1, 2000) n");
        var settings = Settings(database, ("VERIFY_DATABASE_URL", server.Url.Whole()));
        await using var host = await HostProcess.StartAsync(settings);
        await using var tab = await browser.OpenAsync(host.Http.BaseAddress!);
        var page = tab.Page;

        // The verdict is there for anyone; the rest for whoever has the key.
        await page.GotoAsync("/");
        await page.WaitForSelectorAsync("#key:not([hidden])");
        Assert.EndsWith("/api/dashboard", page.Url, StringComparison.Ordinal);
        await page.FillAsync("#key-text", "not-the-key");
        await page.ClickAsync("#key button");
        await Assertions.Expect(page.Locator("#key-why")).ToContainTextAsync("refused, and is forgotten");
        Assert.True(await page.IsHiddenAsync("#rest"));
        await tab.SignInAsync(Key);

        // The backup of the host's start, verified by mouse.
        await tab.EndedAsync("backup");
        await Assertions.Expect(page.Locator("#verdict h1")).ToContainTextAsync("no backup was proven by a drill");
        await page.ClickAsync("#verify-now");
        await Assertions.Expect(page.Locator("#dialog")).ToContainTextAsync("deepsight verify deepsight_");
        await tab.DialogButton("Verify").ClickAsync();
        await tab.EndedAsync("verify");
        await Assertions.Expect(page.Locator("#verdict h1")).ToContainTextAsync("was restored in a drill");

        await database.ExecuteAsync("delete from users where id % 2 = 0");

        // A double click is one request.
        var backup = await page.Locator("#backup-table tbody tr").First.GetAttributeAsync("data-name");
        await page.Locator("#backup-table tbody tr").First.GetByRole(AriaRole.Button, new() { Name = $"Restore {backup}" }).ClickAsync();
        await Assertions.Expect(page.Locator("#dialog")).ToContainTextAsync($"deepsight enqueue restore {backup}");
        await tab.IsAccessibleAsync();
        await tab.ScreenshotAsync("plan");
        await page.SelectOptionAsync("#where", "in-place");
        await Assertions.Expect(page.Locator("#dialog")).ToContainTextAsync($"deepsight enqueue restore {backup} --mode in-place --clean");
        await Assertions.Expect(page.Locator("#dialog")).ToContainTextAsync("in one transaction, in place");
        await page.SelectOptionAsync("#where", "");
        await Assertions.Expect(page.Locator("#dialog")).ToContainTextAsync("renamed into place");
        await tab.DialogButton($"Replace {database.Database}").DblClickAsync();
        await tab.EndedAsync("restore");
        Assert.Equal(2000, await RowsAsync(database));

        await page.ClickAsync("#undo");
        await Assertions.Expect(page.Locator("#dialog")).ToContainTextAsync("deepsight restore --undo");
        await tab.DialogButton($"Bring {database.Database} back").ClickAsync();
        await tab.EndedAsync("undo");
        Assert.Equal(1000, await RowsAsync(database));

        await page.Locator("#backup-table").GetByRole(AriaRole.Button, new() { Name = $"Pin {backup}", Exact = true }).ClickAsync();
        await tab.DialogButton("Pin").ClickAsync();
        await page.WaitForSelectorAsync($"#backup-table tr[data-name='{backup}'][data-pinned=true]");
        await AgreesWithTheCommandAsync(tab, settings);
        await tab.IsSoundAsync();
    }

    [Fact]
    [Trait(Matrix.Runs, Matrix.Full)]
    public async Task A_year_is_shown_to_everyone_and_no_text_is_taken_for_HTML()
    {
        var database = await servers.NewDatabaseAsync(18);
        BackupYear.Fill(Backups, backups: 120, runs: 150, DashboardTab.Payload);
        var poison = MessageQueues.InFolder(State, TimeProvider.System).Open(PoisonQueue.NameFor(RestoreMessage.Queue));
        foreach (var i in new[] { 1, 2 })
            await poison.SendAsync($$"""{"request_id":"{{DashboardTab.Payload}}","n":{{i}}}""", Timeout.InfiniteTimeSpan, Cancelled);
        var settings = Settings(database, ("BACKUP_RETENTION_DAYS", "200"), ("RESTORE_PRODUCTION_HOSTS", "127.0.0.1"));
        await using var host = await HostProcess.StartAsync(settings);

        foreach (var (name, width, dark) in new[] { ("light", 1440, false), ("dark", 1440, true), ("phone", 360, false), ("phone-dark", 360, true) })
        {
            await using var tab = await browser.OpenAsync(host.Http.BaseAddress!, width, dark: dark);
            await tab.SignInAsync(Key);
            await tab.Page.WaitForSelectorAsync("#lines svg");
            await Assertions.Expect(tab.Page.Locator("#backup-table .kept").First).ToContainTextAsync("within 200 days");
            await tab.ScreenshotAsync(name, whole: true);
            await tab.IsAccessibleAsync();
            await tab.IsSoundAsync();
        }

        // On a device whose clock is hours behind.
        await using var used = await browser.OpenAsync(host.Http.BaseAddress!);
        await used.Page.AddInitScriptAsync("{ const now = Date.now; Date.now = () => now() - 3.5 * 3600000; }");
        await used.SignInAsync(Key);
        Assert.Contains("the newest backup is 1 h old", await used.VerdictAsync(), StringComparison.Ordinal);
        await Assertions.Expect(used.Page.Locator("#notices")).ToContainTextAsync("This device's clock is off by 3 h");
        await AgreesWithTheCommandAsync(used, settings);
        await ProductionIsTypedAsync(used, database.Database);
        await EverythingOpensAsync(used);
        await used.IsSoundAsync();
    }

    [Fact]
    public async Task The_page_is_small_and_other_sites_give_no_orders()
    {
        var database = await servers.NewDatabaseAsync(18);
        await using var host = await HostProcess.StartAsync(Settings(database, ("BACKUP_SCHEDULE", "0 0 3 * * *"), ("AzureWebJobs__RequestedJob__Disabled", "true")));

        var bytes = 0;
        foreach (var file in new[] { "" }.Concat(Directory.GetFiles(Path.Combine(Clone.Root, "src", "DeepSight.Functions", "Page")).Select(path => "/" + Path.GetFileName(path))))
        {
            using var answer = await host.Http.GetAsync("/api/dashboard" + file, Cancelled);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.StartsWith("default-src 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
            if (file.Length > 0) bytes += (await answer.Content.ReadAsByteArrayAsync(Cancelled)).Length;
            using var again = new HttpRequestMessage(HttpMethod.Get, "/api/dashboard" + file);
            again.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
            using var unchanged = await host.Http.SendAsync(again, Cancelled);
            Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        }

        Assert.InRange(bytes, 1, 60 * 1024);
        Assert.Equal(HttpStatusCode.Forbidden, await OrderAsync(host, ("Origin", "https://elsewhere.example"), ("Sec-Fetch-Site", "cross-site")));
        Assert.Equal(HttpStatusCode.Accepted, await OrderAsync(host, ("Origin", host.Http.BaseAddress!.ToString().TrimEnd('/')), ("Sec-Fetch-Site", "same-origin")));
        Assert.Equal(HttpStatusCode.Accepted, await OrderAsync(host));
    }

    [Fact]
    [Trait(Matrix.Runs, Matrix.Full)]
    public async Task Ten_thousand_backups_and_fifty_thousand_runs_are_shown_at_once()
    {
        var database = await servers.NewDatabaseAsync(18);
        BackupYear.Fill(Backups, backups: 10_000, runs: 50_000);
        await using var host = await HostProcess.StartAsync(Settings(database, ("BACKUP_RETENTION_DAYS", "300")));
        var (times, paints) = (new List<double>(), new List<double>());
        for (var i = 0; i < 3; i++)
        {
            // What was asked for by the tab before is answered by now.
            await using var earlier = await browser.OpenAsync(host.Http.BaseAddress!);
            await earlier.SignInAsync(Key);
            await Assertions.Expect(earlier.Page.Locator("#backup-table .kept").First).ToContainTextAsync("within 300 days");
            await earlier.DisposeAsync();
            await using var one = await browser.OpenAsync(host.Http.BaseAddress!);
            await one.Page.GotoAsync("/");
            await one.Page.FillAsync("#key-text", Key);
            await Assertions.Expect(one.Page.Locator("#verdict h1")).ToContainTextAsync("Safe:");
            var began = TimeProvider.System.GetTimestamp();
            await one.Page.ClickAsync("#key button");
            await one.Page.WaitForSelectorAsync("#rest[data-ready]");
            times.Add(TimeProvider.System.GetElapsedTime(began).TotalSeconds);
            paints.Add(await one.Page.EvaluateAsync<double>("() => performance.getEntriesByName('first-contentful-paint')[0].startTime"));
        }

        await using var tab = await browser.OpenAsync(host.Http.BaseAddress!);
        var page = tab.Page;
        await page.AddInitScriptAsync("window.long = []; new PerformanceObserver(all => window.long.push(...all.getEntries().map(task => task.duration))).observe({ type: 'longtask', buffered: true })");
        await tab.SignInAsync(Key);
        await page.WaitForSelectorAsync("#lines svg");
        for (var i = 0; i < 10; i++)
        {
            await page.ClickAsync("text=Show more of");
            await page.WaitForFunctionAsync($"() => document.querySelectorAll('#backup-table tbody tr').length === {120 + i * 100}");
        }

        await page.EvaluateAsync("() => { window.long = []; }");
        for (var i = 0; i < 40; i++)
        {
            await page.Mouse.WheelAsync(0, 1500);
            await Task.Delay(30, Cancelled);
        }

        var longest = await page.EvaluateAsync<double>("() => Math.max(0, ...window.long)");
        TestContext.Current.SendDiagnosticMessage($"usable after {string.Join(", ", times.Select(time => $"{time:0.00} s"))}; first paint after {paints.Min():0} ms; longest task while scrolling {longest:0} ms");
        Assert.True(times.Min() <= 1.5, $"usable after {times.Min():0.00} s");
        Assert.True(paints.Min() <= 300, $"first paint after {paints.Min():0} ms");
        Assert.True(longest <= 100, $"a task of {longest:0} ms while scrolling");
        await tab.IsSoundAsync();
    }

    [Fact]
    [Trait(Matrix.Runs, Matrix.Full)]
    public async Task A_store_that_is_down_hides_nothing_of_the_others()
    {
        var database = await servers.NewDatabaseAsync(18);
        BackupYear.Fill(Backups, backups: 10, runs: 10);
        await using var host = await HostProcess.StartAsync(Settings(database, ("BACKUP_STORE", "auto"), ("BACKUP_KEEP_LOCAL", "true"),
            ("AWS_ACCESS_KEY_ID", "none"), ("AWS_SECRET_ACCESS_KEY", "none"), ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")));
        await using var tab = await browser.OpenAsync(host.Http.BaseAddress!);

        await tab.SignInAsync(Key);

        await Assertions.Expect(tab.Page.Locator("#stores")).ToContainTextAsync("can't be reached");
        Assert.Equal(10, await tab.Page.Locator("#backup-table tbody tr").CountAsync());
        Assert.StartsWith("Safe:", await tab.VerdictAsync(), StringComparison.Ordinal);
        await tab.IsSoundAsync();
    }

    private Dictionary<string, string> Settings(DatabaseUrl database, params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string>
        {
            ["DATABASE_URL"] = database.Whole(),
            ["BACKUP_DIR"] = Backups,
            ["BACKUP_STORE"] = "local",
            ["DEEPSIGHT_FUNCTION_KEY"] = Key,
            ["DEEPSIGHT_STATE_DIR"] = State,
        };
        foreach (var (name, value) in more) settings[name] = value;
        return settings;
    }

    private static Task<long> RowsAsync(DatabaseUrl database) => database.AskAsync<long>("select count(*) from users");

    private static async Task<HttpStatusCode> OrderAsync(HostProcess host, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/backups") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Headers.Add("x-functions-key", Key);
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        using var answer = await host.Http.SendAsync(request, Cancelled);
        return answer.StatusCode;
    }

    private static async Task ProductionIsTypedAsync(DashboardTab tab, string database)
    {
        await tab.Page.Locator("#backup-table").GetByText("Restore…").First.ClickAsync();
        var replace = tab.DialogButton($"Replace {database}");
        await Assertions.Expect(replace).ToBeDisabledAsync();
        await tab.Page.FillAsync("#typed", "another");
        await Assertions.Expect(replace).ToBeDisabledAsync();
        await tab.Page.FillAsync("#typed", database);
        await Assertions.Expect(replace).ToBeEnabledAsync();
        await tab.IsAccessibleAsync();
        await tab.ScreenshotAsync("production");
        await tab.DialogButton("Cancel").ClickAsync();
    }

    /// <summary>Every dialog and detail that shows foreign text.</summary>
    private static async Task EverythingOpensAsync(DashboardTab tab)
    {
        var page = tab.Page;
        await page.EvaluateAsync("() => document.querySelectorAll('details').forEach(one => one.open = true)");
        await Assertions.Expect(page.Locator("#run-table")).ToContainTextAsync($"Hint: make room. {DashboardTab.Payload}");

        var boxes = page.Locator("#backup-table .pick input");
        await boxes.Nth(0).CheckAsync();
        await boxes.Nth(3).CheckAsync();
        await page.ClickAsync("#compare");
        await Assertions.Expect(page.Locator("#dialog")).ToContainTextAsync($"public.\"{DashboardTab.Payload}\"");
        await tab.IsAccessibleAsync();
        await tab.ScreenshotAsync("compare");
        await tab.DialogButton("Close").ClickAsync();

        await page.ClickAsync("#retention");
        await Assertions.Expect(page.Locator("#dialog")).ToContainTextAsync("would go");
        await tab.ScreenshotAsync("retention");
        await tab.DialogButton("Close").ClickAsync();

        await page.ClickAsync("text=Show more of");
        await page.WaitForFunctionAsync("() => document.querySelectorAll('#backup-table tbody tr').length === 120");

        // The first is discarded; the second comes back as a run that says what is wrong with it.
        await Assertions.Expect(page.Locator("#poison")).ToContainTextAsync(DashboardTab.Payload);
        await page.Locator("#poison").GetByText("Discard…").First.ClickAsync();
        await tab.DialogButton("Discard").ClickAsync();
        await Assertions.Expect(page.Locator("#poison li")).ToHaveCountAsync(1);
        await page.Locator("#poison").GetByText("Put back…").ClickAsync();
        await tab.DialogButton("Put back").ClickAsync();
        await page.WaitForSelectorAsync("#run-table tr[data-job=restore][data-status=refused]");
    }

    /// <summary>What the page shows is what <c>list</c>, <c>runs</c> and <c>health --backup</c> print.</summary>
    private static async Task AgreesWithTheCommandAsync(DashboardTab tab, Dictionary<string, string> settings)
    {
        var list = (await CommandProcess.RunAsync(settings, "list", "--json")).EndedWith(ExitCodes.Done).Json;
        var runs = (await CommandProcess.RunAsync(settings, "runs", "--json")).EndedWith(ExitCodes.Done).Json.GetProperty("runs");
        var health = (await CommandProcess.RunAsync(settings, "health", "--backup")).EndedWith(ExitCodes.Done).Json;

        var backups = list.GetProperty("backups").EnumerateArray().ToList();
        const string rows = "#backup-table tbody tr";
        foreach (var (field, data) in new[] { ("name", "name"), ("stored_bytes", "bytes"), ("rows", "rows"), ("kind", "kind"), ("pinned", "pinned"), ("verified_at", "verified") })
            Assert.Equal(backups.Select(backup => Text(backup.GetProperty(field))), (await tab.DataAsync(rows, data)).Take(backups.Count));
        Assert.Equal(backups.Select(backup => string.Join(' ', backup.GetProperty("where").EnumerateArray().Select(Text))), (await tab.DataAsync(rows, "where")).Take(backups.Count));
        foreach (var field in new[] { "id", "status", "job" })
            Assert.Equal(runs.EnumerateArray().Select(run => Text(run.GetProperty(field))), await tab.DataAsync("#run-table tbody tr", field));
        Assert.Equal(Text(health.GetProperty("last_success").GetProperty("name")), Assert.Single(await tab.DataAsync("#facts .fact:nth-child(1)", "name")));
        Assert.Equal(Text(health.GetProperty("last_verified").GetProperty("name")), Assert.Single(await tab.DataAsync("#facts .fact:nth-child(2)", "name")));
        Assert.Equal(Text(health.GetProperty("poison_messages")), Assert.Single(await tab.DataAsync("#facts .fact:nth-child(4)", "poison")));
        Assert.Equal(health.GetProperty("is_fresh").GetBoolean(), !(await tab.VerdictAsync()).StartsWith("Not safe", StringComparison.Ordinal));
    }

    /// <summary>As an attribute has it.</summary>
    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => value.ToString(),
    };
}
