using System.Text.Json;

namespace DeepSight.Cli.Objects;

/// <summary><c>enqueue --url</c>: the message as the app put it on the queue, and where its run will be seen.</summary>
internal sealed record AcceptedJson(JsonElement Message, Uri? Location);
