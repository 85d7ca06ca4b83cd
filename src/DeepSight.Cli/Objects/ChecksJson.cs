using DeepSight.Core.Storage;

namespace DeepSight.Cli.Objects;

/// <summary><c>doctor</c>.</summary>
internal sealed record ChecksJson(IReadOnlyList<StoreCheck> Checks);
