using System.Text.Json;
using DeepSight.Core;
using DeepSight.Core.Runs;
using DeepSight.Core.Storage.Local;
using DeepSight.Tests.Cli;
using DeepSight.Tests.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeepSight.Tests.Runs;

public sealed class NotifierTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private readonly RunHistory history = new(TimeProvider.System);
    private readonly List<string> warnings = [];
    private WebhookServer server = null!;
    private DateTimeOffset started = TimeProvider.System.GetUtcNow().AddHours(-1);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private LocalBackupStore Store => new(folder.Path, TimeProvider.System);

    public async ValueTask InitializeAsync() => server = await WebhookServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task A_failure_is_told_with_every_fact_and_a_success_is_not()
    {
        await using var notifier = Open(new NotificationSettings { WebhookUrl = new Uri(server.Url, "/hook") });

        await RunAsync(notifier, () => Task.FromResult(1));
        await Assert.ThrowsAsync<DeepSightException>(() => RunAsync(notifier, () => throw new DeepSightException(FailureKind.Failed, "The disk is full.", "make room.")));

        var (line, body) = Assert.Single(server.Requests);
        Assert.Equal("POST /hook", line);
        var told = JsonDocument.Parse(body).RootElement;
        Assert.Equal("failure", told.GetProperty("event").GetString());
        Assert.Equal("The disk is full.", told.GetProperty("run").GetProperty("error").GetString());
        Assert.Contains("Hint: make room.", told.GetProperty("text").GetString());
    }

    [Fact]
    public async Task Slack_gets_a_text_and_nothing_else()
    {
        await using var notifier = Open(new NotificationSettings { WebhookUrl = new Uri(server.Url, "/services/slack"), On = ["success"] });

        await RunAsync(notifier, () => Task.FromResult(1));

        var told = JsonDocument.Parse(Assert.Single(server.Requests).Body).RootElement;
        Assert.StartsWith("DeepSight: backup succeeded after ", told.GetProperty("text").GetString());
        Assert.Single(told.EnumerateObject());
    }

    [Fact]
    public async Task A_recovery_is_the_first_success_after_a_failure_of_the_same_job()
    {
        await using var notifier = Open(new NotificationSettings { WebhookUrl = server.Url, On = ["recovery"] });

        await RunAsync(notifier, () => Task.FromResult(1));
        await FailAsync(notifier);
        await RunAsync(notifier, () => Task.FromResult(1), job: "retention");
        Assert.Empty(server.Requests);

        await RunAsync(notifier, () => Task.FromResult(1));
        await RunAsync(notifier, () => Task.FromResult(1));
        Assert.Contains("\"recovery\"", Assert.Single(server.Requests).Body);
    }

    [Fact]
    public async Task A_run_whose_process_died_is_told_by_the_next_of_its_kind_and_once()
    {
        await using var notifier = Open(new NotificationSettings { WebhookUrl = server.Url });
        var died = new RunJournal(TimeProvider.System, NullLogger<RunJournal>.Instance).Start("backup", "timer", null) with { StartedAt = started };
        await Store.ReplaceAsync(died.ObjectName, Json.ToUtf8(died), Cancelled);

        await RunAsync(notifier, () => Task.FromResult(1), job: "retention");
        Assert.Empty(server.Requests);
        await RunAsync(notifier, () => Task.FromResult(1));
        await RunAsync(notifier, () => Task.FromResult(1));

        var told = JsonDocument.Parse(Assert.Single(server.Requests).Body).RootElement;
        Assert.Equal(("failure", "lost", died.Id), (told.GetProperty("event").GetString(),
            told.GetProperty("run").GetProperty("status").GetString(), told.GetProperty("run").GetProperty("id").GetString()));
    }

    [Theory]
    [InlineData("timer", 1)]
    [InlineData("command", 0)]
    public async Task A_refusal_is_told_where_nobody_is_looking(string trigger, int told)
    {
        await using var notifier = Open(new NotificationSettings { WebhookUrl = server.Url });

        await Assert.ThrowsAsync<DeepSightException>(() => RunAsync(notifier, () => throw new DeepSightException(FailureKind.Refused, "No."), trigger: trigger));

        Assert.Equal(told, server.Requests.Count);
    }

    [Fact]
    public async Task The_dead_mans_switch_is_pinged_after_backups_alone()
    {
        await using var notifier = Open(new NotificationSettings { PingUrl = new Uri(server.Url, "/ping/abc?rid=1") });

        await RunAsync(notifier, () => Task.FromResult(1));
        await RunAsync(notifier, () => Task.FromResult(1), job: "retention");
        await FailAsync(notifier);
        await Assert.ThrowsAsync<OperationCanceledException>(() => RunAsync(notifier, () => throw new OperationCanceledException()));

        Assert.Equal(["GET /ping/abc?rid=1", "GET /ping/abc/fail?rid=1"], server.Requests.Select(request => request.Line));
    }

    [Fact]
    public async Task A_server_in_trouble_is_tried_again()
    {
        await using var notifier = Open(new NotificationSettings { WebhookUrl = server.Url, On = ["success"] });
        server.Answer = context => Task.FromResult(context.Response.StatusCode = server.Requests.Count < 3 ? StatusCodes.Status500InternalServerError : 200);

        await RunAsync(notifier, () => Task.FromResult(1));

        Assert.Equal(3, server.Requests.Count);
        Assert.Empty(warnings);
    }

    [Theory]
    [InlineData("hangs", "it did not answer in time", 3)]
    [InlineData("500", "it answered 500", 3)]
    [InlineData("redirects", "it redirects (302)", 1)]
    [InlineData("refuses", "it answered 403", 1)]
    [InlineData("is away", "ConnectionError", 0)]
    public async Task The_job_ends_as_it_does_when_the_webhook(string behaviour, string warning, int tried)
    {
        var secret = new Uri(behaviour == "is away" ? new Uri("http://127.0.0.1:1") : server.Url, "/hook?token=s3cret");
        await using var notifier = Open(new NotificationSettings { WebhookUrl = secret, On = ["success"] });
        server.Answer = behaviour switch
        {
            "hangs" => context => Task.Delay(Timeout.Infinite, context.RequestAborted),
            "redirects" => context => Task.Run(() => context.Response.Redirect("/elsewhere")),
            _ => context => Task.FromResult(context.Response.StatusCode = behaviour == "refuses" ? 403 : 500),
        };

        Assert.Equal(1, await RunAsync(notifier, () => Task.FromResult(1)));

        Assert.Equal(tried, server.Requests.Count);
        Assert.Contains(warning, Assert.Single(warnings), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", warnings[0], StringComparison.Ordinal);
        Assert.Equal(RunStatus.Succeeded, Assert.Single((await history.ListAsync([Store], 9, _ => true, Cancelled)).Runs).Status);
    }

    [Fact]
    public async Task A_job_does_not_wait_for_the_webhook()
    {
        await using var notifier = Open(new NotificationSettings { WebhookUrl = server.Url, On = ["success"] });
        var answer = new TaskCompletionSource();
        server.Answer = _ => answer.Task;

        Assert.Equal(1, await RunAsync(notifier, () => Task.FromResult(1), toTheEnd: false));

        Assert.False(notifier.Sending.IsCompleted);
        answer.SetResult();
    }

    [Theory]
    [InlineData("slack")]
    [InlineData("json")]
    public async Task Names_and_errors_are_no_markup_in_what_people_read(string format)
    {
        await using var notifier = Open(new NotificationSettings { WebhookUrl = new Uri(server.Url, format) });
        const string error = "<script>alert(1)</script> <!channel> [free](http://evil) *bold* ``` ~~~ <http://evil|free> ![](x) @here `code`";

        await Assert.ThrowsAsync<DeepSightException>(() => RunAsync(notifier, () => throw new DeepSightException(FailureKind.Failed, error, error)));

        var text = JsonDocument.Parse(Assert.Single(server.Requests).Body).RootElement.GetProperty("text").GetString()!;
        Assert.DoesNotContain('<', text);
        Assert.Equal(3, text.Split("```").Length);
        Assert.DoesNotContain("[free]", text.Split("```")[0] + text.Split("```")[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_tells_and_exports_traces_and_metrics_by_OTLP()
    {
        Dictionary<string, string> settings = new()
        {
            ["BACKUP_DIR"] = Path.Combine(folder.Path, "backups"),
            ["NOTIFY_WEBHOOK_URL"] = new Uri(server.Url, "/hook").AbsoluteUri,
            ["NOTIFY_ON"] = "failure,success",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = server.Url.AbsoluteUri,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        };

        (await CommandProcess.RunAsync(settings, "retention")).EndedWith(ExitCodes.Done);

        Assert.Equal(["POST /hook", "POST /v1/metrics", "POST /v1/traces"], server.Requests.Select(request => request.Line).Order(StringComparer.Ordinal));
        Assert.Contains("deepsight retention", server.Requests.Single(request => request.Line == "POST /v1/traces").Body);
        Assert.Contains("deepsight.job.duration", server.Requests.Single(request => request.Line == "POST /v1/metrics").Body);

        settings["NOTIFY_ON"] = "always";
        (await CommandProcess.RunAsync(settings, "retention")).FailedWith(2, "NOTIFY_ON has 'always'");
    }

    private Notifier Open(NotificationSettings settings) =>
        new(settings, history, new Listener(warnings), attempt: TimeSpan.FromMilliseconds(500), pause: TimeSpan.FromMilliseconds(10));

    private async Task FailAsync(Notifier notifier) =>
        await Assert.ThrowsAsync<DeepSightException>(() => RunAsync(notifier, () => throw new DeepSightException(FailureKind.Failed, "No.")));

    private async Task<int> RunAsync(Notifier notifier, Func<Task<int>> run, string trigger = "timer", string job = "backup", bool toTheEnd = true)
    {
        var journal = new RunJournal(TimeProvider.System, NullLogger<RunJournal>.Instance, [notifier]);
        // Records of one second sort by their ids.
        started = started.AddSeconds(1);
        try
        {
            return await journal.RecordAsync([Store], journal.Start(job, trigger, null) with { StartedAt = started }, run, (record, _) => record, Cancelled);
        }
        finally
        {
            if (toTheEnd) await notifier.Sending;
        }
    }

    private sealed class Listener(List<string> warnings) : ILogger<Notifier>
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            warnings.Add(formatter(state, exception));
    }
}
