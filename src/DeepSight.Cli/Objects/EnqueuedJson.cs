using DeepSight.Core.Restore.Requests;

namespace DeepSight.Cli.Objects;

/// <summary><c>enqueue</c>.</summary>
internal sealed record EnqueuedJson(RestoreMessage Message, string Queue, string Location, int Waiting, int Poison);
