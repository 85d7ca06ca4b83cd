using System.Reflection;
using System.Text;
using System.Text.Json.Serialization;
using DeepSight.Core.Settings;

namespace DeepSight.Core;

/// <summary>What the catalogue says of every setting, written for people: the tables of docs/settings.md and the sample file.</summary>
public static class SettingsDocument
{
    /// <summary>A table a feature.</summary>
    public static string Markdown() => string.Join("\n", SettingsCatalog.Sections.Select(section => Table(section.Name, section.Settings)));

    /// <summary>A <c>local.settings.json</c> with every setting in it: its default, an example, or blank, which counts as not set.</summary>
    public static string Sample()
    {
        // The first two are not ours: Core Tools and the host want them in this file.
        var values = new Dictionary<string, string> { ["FUNCTIONS_WORKER_RUNTIME"] = "dotnet-isolated", ["AzureWebJobsStorage"] = "" };
        foreach (var setting in SettingsCatalog.All) values[setting.Name] = Example(setting) ?? setting.DefaultText ?? "";
        return Encoding.UTF8.GetString(Json.ToUtf8(new SettingsFile(IsEncrypted: false, values))) + "\n";
    }

    private static string Table(string section, IEnumerable<SettingDescription> settings)
    {
        var rows = settings.Select(setting => $"| `{setting.Name}` | {Cell(setting.DefaultText, "`")} | {Cell(setting.Allowed)} | {Cell(setting.Meaning)} |");
        return $"### {section}\n\n| setting | default | allowed | meaning |\n|---|---|---|---|\n{string.Join("\n", rows)}\n";
    }

    private static string Cell(string? text, string quote = "") =>
        string.IsNullOrEmpty(text) ? "—" : quote + text.Replace("|", "\\|", StringComparison.Ordinal) + quote;

    private static string? Example(SettingDescription setting) => setting.Property.GetCustomAttribute<SettingAttribute>()!.Example;
}

/// <summary><c>local.settings.json</c> as Azure Functions Core Tools read it.</summary>
internal sealed record SettingsFile(
    [property: JsonPropertyName("IsEncrypted")] bool IsEncrypted,
    [property: JsonPropertyName("Values")] IReadOnlyDictionary<string, string> Values);
