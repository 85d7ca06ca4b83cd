namespace DeepSight.Core.Runs;

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
