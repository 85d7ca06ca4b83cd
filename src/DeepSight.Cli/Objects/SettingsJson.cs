using DeepSight.Cli.Commands;

namespace DeepSight.Cli.Objects;

/// <summary><c>settings</c>.</summary>
internal sealed record SettingsJson(IReadOnlyList<SettingsCommand.Row> Settings, IReadOnlyList<string> Errors, IReadOnlyList<string> Warnings);
