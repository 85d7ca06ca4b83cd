using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace DeepSight.Core.Runs;

/// <summary>
/// Tells a webhook how jobs end, and pings a dead man's switch. Tried again for a few seconds, then given up with a warning. No job
/// waits for it; the process does, before it ends.
/// </summary>
public sealed class Notifier : IRunObserver, IAsyncDisposable, IDisposable
{
    private readonly NotificationSettings settings;
    private readonly RunHistory history;
    private readonly ILogger<Notifier> logger;
    private readonly ResiliencePipeline<HttpResponseMessage> patience;

    private readonly Lock gate = new();

    // Redirects are not followed: they would carry the message, and what is in its address, somewhere else.
    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>What is on its way.</summary>
    internal Task Sending { get; private set; } = Task.CompletedTask;

    public Notifier(NotificationSettings settings, RunHistory history, ILogger<Notifier> logger)
        : this(settings, history, logger, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.5))
    {
    }

    /// <param name="attempt">How long one attempt may take.</param>
    /// <param name="pause">Before the second attempt; then twice as long.</param>
    internal Notifier(NotificationSettings settings, RunHistory history, ILogger<Notifier> logger, TimeSpan attempt, TimeSpan pause)
    {
        (this.settings, this.history, this.logger) = (settings, history, logger);
        patience = new ResiliencePipelineBuilder<HttpResponseMessage>()
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = 2,
                Delay = pause,
                BackoffType = DelayBackoffType.Exponential,
                ShouldHandle = new PredicateBuilder<HttpResponseMessage>()
                    .Handle<HttpRequestException>().Handle<TimeoutRejectedException>()
                    .HandleResult(response => response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError),
            })
            .AddTimeout(attempt)
            .Build();
    }

    public async Task EndedAsync(RunRecord run, IReadOnlyList<IBackupStore> stores, CancellationToken cancellationToken)
    {
        if (settings.PingUrl is { } ping && run.Job == JobNames.Backup && run.Status is not RunStatus.Cancelled)
            Send("NOTIFY_PING_URL", () => new HttpRequestMessage(HttpMethod.Get, run.Status == RunStatus.Succeeded ? ping : FailUrl(ping)));

        if (settings.WebhookUrl is not { } webhook) return;

        // A run whose process died told nobody: the next of its kind does.
        var former = await FormerAsync(run, stores, cancellationToken);
        if (former?.Status == RunStatus.Lost && settings.Tells("failure")) Post(webhook, "failure", former);
        if (KindOf(run, former) is { } kind) Post(webhook, kind, run);
    }

    public async ValueTask DisposeAsync()
    {
        await Sending;
        Dispose();
    }

    /// <summary>Gives up what is on its way.</summary>
    public void Dispose() => client.Dispose();

    private void Post(Uri webhook, string kind, RunRecord run)
    {
        var body = BodyFor(webhook, Notification.Of(kind, run));
        Send("NOTIFY_WEBHOOK_URL", () => new HttpRequestMessage(HttpMethod.Post, webhook)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json", "utf-8") } },
        });
    }

    private void Send(string setting, Func<HttpRequestMessage> request)
    {
        lock (gate) Sending = Task.WhenAll(Sending, SendAsync(setting, request));
    }

    /// <summary>What there is to tell; null: nothing that was asked for.</summary>
    private string? KindOf(RunRecord run, RunRecord? former)
    {
        switch (run.Status)
        {
            case RunStatus.Failed:
            // Who types a command sees what a guard says; nobody sees it of a timer.
            case RunStatus.Refused or RunStatus.Busy when run.Trigger != Triggers.Command:
                return settings.Tells("failure") ? "failure" : null;
            case RunStatus.Succeeded when settings.Tells("recovery") && former?.Status is RunStatus.Failed or RunStatus.Lost:
                return "recovery";
            case RunStatus.Succeeded:
                return settings.Tells("success") ? "success" : null;
            default:
                return null;
        }
    }

    /// <summary>The run of that job before, of those that say how the job does; asked only where somebody wants to know.</summary>
    private async Task<RunRecord?> FormerAsync(RunRecord run, IReadOnlyList<IBackupStore> stores, CancellationToken cancellationToken)
    {
        if (!settings.Tells("failure") && !settings.Tells("recovery")) return null;

        var (before, _) = await history.ListAsync(stores, 3, name => name.Job == run.Job && name.ObjectName != run.ObjectName
            && string.CompareOrdinal(name.ObjectName, run.ObjectName) < 0, cancellationToken);
        return before.FirstOrDefault(former => former.Status is RunStatus.Succeeded or RunStatus.Failed or RunStatus.Lost);
    }

    private byte[] BodyFor(Uri webhook, Notification notification)
    {
        var isSlack = settings.Format == NotificationFormat.Slack || (settings.Format == NotificationFormat.Auto
            && (webhook.Host == "hooks.slack.com" || webhook.AbsolutePath.EndsWith("/slack", StringComparison.Ordinal)));
        return isSlack ? Json.ToUtf8(new SlackMessage(notification.Text)) : Json.ToUtf8(notification);
    }

    /// <summary>The path grows; a query stays where it is.</summary>
    private static Uri FailUrl(Uri ping) => new UriBuilder(ping) { Path = ping.AbsolutePath.TrimEnd('/') + "/fail" }.Uri;

    private async Task SendAsync(string setting, Func<HttpRequestMessage> request)
    {
        try
        {
            using var response = await patience.ExecuteAsync(async token =>
            {
                using var message = request();
                return await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, token);
            }, CancellationToken.None);
            var status = response.StatusCode;
            if ((int)status is >= 300 and < 400)
                logger.LogWarning("{Setting} was not told: it redirects ({Status}), which is not followed; set it to the new address.", setting, (int)status);
            else if ((int)status >= 400)
                logger.LogWarning("{Setting} was not told: it answered {Status}.", setting, (int)status);
        }
        catch (Exception e)
        {
            // The address may hold a token: it is named by its setting only.
            logger.LogWarning("{Setting} was not told: {Reason}.", setting,
                e is TimeoutRejectedException ? "it did not answer in time" : (e as HttpRequestException)?.HttpRequestError.ToString() ?? e.GetType().Name);
        }
    }
}

/// <summary>What a webhook is told of one run. Records hold no secret, so neither does this.</summary>
/// <param name="Event"><c>failure</c>, <c>recovery</c> or <c>success</c>.</param>
/// <param name="Text">The whole of it in a few lines, for people.</param>
internal sealed record Notification(string Event, string Text, RunRecord Run)
{
    public static Notification Of(string kind, RunRecord run)
    {
        var took = run.FinishedAt is { } end ? string.Create(CultureInfo.InvariantCulture, $" after {(end - run.StartedAt).TotalSeconds:0.0} s") : "";
        var outcome = kind switch
        {
            "failure" => EnumNames.Of(run.Status),
            "recovery" => "succeeded again",
            _ => "succeeded",
        };
        string?[] facts =
        [
            run.Backup,
            run.Error,
            run.Hint is { } hint ? $"Hint: {hint}" : null,
            $"Run {run.Id}, {run.StartedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, by {run.Trigger}.",
        ];
        return new Notification(kind, $"DeepSight: {run.Job} {outcome}{took}\n```\n{string.Join('\n', facts.OfType<string>().Select(Plain))}\n```", run);
    }

    /// <summary>Names and servers' words, for a block of code: there Slack and its like find no links, mentions or emphasis, and no reader finds HTML.</summary>
    private static string Plain(string text) => text.Replace('`', '\'').Replace('<', '‹').Replace('>', '›');
}

/// <summary>A message as Slack's incoming webhooks take it, and what copies them.</summary>
internal sealed record SlackMessage(string Text);
