using DeepSight.Core.Settings;

namespace DeepSight.Core.Runs;

/// <summary>Who is told how jobs end.</summary>
public sealed class NotificationSettings
{
    [Setting("NOTIFY_WEBHOOK_URL", "Gets a POST with JSON when a job ends as NOTIFY_ON says; Slack's form for Slack's addresses.", Secret = true)]
    public Uri? WebhookUrl { get; init; }

    [Setting("NOTIFY_ON", "When the webhook is told, comma-separated: failure, recovery (the first success after a failure), success.")]
    public IReadOnlyList<string> On { get; init; } = ["failure"];

    [Setting("NOTIFY_FORMAT", "json, slack (a text alone), or auto (slack for hooks.slack.com and paths that end in /slack).")]
    public NotificationFormat Format { get; init; } = NotificationFormat.Auto;

    [Setting("NOTIFY_PING_URL", "A dead man's switch: gets a GET after every good backup, and with /fail added after a failed one.", Secret = true)]
    public Uri? PingUrl { get; init; }

    internal bool Tells(string kind) => On.Contains(kind, StringComparer.OrdinalIgnoreCase);

    internal IEnumerable<string> Validate()
    {
        foreach (var unknown in On.Except(["failure", "recovery", "success"], StringComparer.OrdinalIgnoreCase))
            yield return $"NOTIFY_ON has '{unknown}'; it must be made of failure, recovery and success.";
    }
}

/// <summary>What a webhook is sent.</summary>
public enum NotificationFormat
{
    /// <summary>By the address.</summary>
    Auto,

    /// <summary>Every fact as a field, and a text.</summary>
    Json,

    /// <summary>A text alone, as Slack, Mattermost and Discord (with /slack) take it.</summary>
    Slack,
}
