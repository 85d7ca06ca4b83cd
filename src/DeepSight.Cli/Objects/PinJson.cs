namespace DeepSight.Cli.Objects;

/// <summary><c>pin</c> and <c>unpin</c>.</summary>
internal sealed record PinJson(string Name, bool Pinned, IReadOnlyList<string> Locations);
