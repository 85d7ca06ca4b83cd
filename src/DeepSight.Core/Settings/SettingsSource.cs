using System.Collections;
using System.Text.Json;

namespace DeepSight.Core.Settings;

/// <summary>Raw settings by name, each with where it came from. The environment wins over <c>local.settings.json</c>.</summary>
public sealed class SettingsSource
{
    private readonly Dictionary<string, (string Value, string Origin)> values = new(StringComparer.Ordinal);

    /// <summary>All names that have a value.</summary>
    public IEnumerable<string> Names => values.Keys;

    /// <summary>The value and its origin (<c>environment</c>, <c>local.settings.json</c>); an empty or blank value counts as not set.</summary>
    public (string Value, string Origin)? Find(string name) => values.TryGetValue(name, out var found) ? found : null;

    /// <summary>Adds values that have none yet: add the strongest origin first. Values are trimmed; blank ones are passed over.</summary>
    public SettingsSource Add(IEnumerable<KeyValuePair<string, string?>> pairs, string origin)
    {
        foreach (var (name, value) in pairs)
            if (!string.IsNullOrWhiteSpace(value))
                values.TryAdd(name, (value.Trim(), origin));

        return this;
    }

    public static SettingsSource FromEnvironment() =>
        new SettingsSource().Add(
            Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
                .Select(entry => KeyValuePair.Create((string)entry.Key, (string?)entry.Value)),
            "environment");

    /// <summary>Adds the <c>Values</c> of a <c>local.settings.json</c>, under what is there already. A missing file adds nothing.</summary>
    /// <exception cref="DeepSightException">The file is not JSON, or <c>Values</c> is not an object.</exception>
    public SettingsSource AddLocalSettings(string path)
    {
        if (!File.Exists(path)) return this;
        TrustedPath.Require(path, "The settings file", FailureKind.InvalidInput);

        try
        {
            var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), options);
            return document.RootElement.TryGetProperty("Values", out var section)
                ? Add(section.EnumerateObject().Select(p => KeyValuePair.Create(p.Name, (string?)p.Value.ToString())), Path.GetFileName(path))
                : this;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The parser's own message may quote the file, which holds secrets.
            throw new DeepSightException(FailureKind.InvalidInput, $"'{path}' is not a JSON file with an object 'Values'.",
                "compare it with local.settings.sample.json.", e is JsonException json ? new JsonException($"line {json.LineNumber + 1}") : null);
        }
    }
}
