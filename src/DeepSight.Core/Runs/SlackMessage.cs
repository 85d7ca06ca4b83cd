namespace DeepSight.Core.Runs;

/// <summary>A message as Slack's incoming webhooks take it, and what copies them.</summary>
internal sealed record SlackMessage(string Text);
