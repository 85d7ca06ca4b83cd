using System.Text.Json.Serialization;

namespace DeepSight.Core.Settings;

/// <summary><c>local.settings.json</c> as Azure Functions Core Tools read it.</summary>
internal sealed record SettingsFile(
    [property: JsonPropertyName("IsEncrypted")] bool IsEncrypted,
    [property: JsonPropertyName("Values")] IReadOnlyDictionary<string, string> Values);
