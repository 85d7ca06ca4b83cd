using System.Text.Json;
using System.Text.RegularExpressions;
using DeepSight.Core;
using DeepSight.Core.Queues;
using DeepSight.Core.Settings;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Settings;

/// <summary>Code, sample and docs name the same settings: all three come from the catalogue.</summary>
public sealed partial class SettingsDocumentTests
{
    private const string Begin = "<!-- from here: deepsight settings --markdown -->\n";
    private const string End = "<!-- to here -->";

    private static readonly HashSet<string> Known = [.. SettingsCatalog.All.Select(setting => setting.Name)];

    [Fact]
    public void Every_setting_is_in_the_sample_and_the_sample_names_no_other()
    {
        var sample = JsonDocument.Parse(Read("local.settings.sample.json")).RootElement.GetProperty("Values");

        Assert.Equal(Known.Order(), sample.EnumerateObject().Select(value => value.Name).Except(["FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage"]).Order());
        Assert.True(Read("local.settings.sample.json") == SettingsDocument.Sample(),
            "The sample is out of date: ./deepsight settings --sample >sample.json && mv sample.json local.settings.sample.json");
    }

    [Fact]
    public void Every_setting_is_in_the_docs_with_its_default_and_the_docs_name_no_other()
    {
        var tables = Read("docs/settings.md").Split(Begin)[1].Split(End)[0].Trim('\n') + "\n";

        Assert.Equal(Known.Order(), FirstCell().Matches(tables).Select(match => match.Groups[1].Value).Order());
        Assert.True(tables == SettingsDocument.Markdown(),
            "docs/settings.md is out of date: put what `./deepsight settings --markdown` prints between its two marks.");
    }

    [Fact]
    public void The_sample_is_valid_as_it_stands()
    {
        var settings = DeepSightSettings.Load(new SettingsSource().AddLocalSettings(Path.Combine(Clone.Root, "local.settings.sample.json")));

        Assert.Empty(settings.Errors);
        Assert.Empty(settings.Warnings);
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void No_text_names_a_setting_that_does_not_exist(string file)
    {
        var unknown = SettingName().Matches(Read(file)).Select(match => match.Value).Distinct().Except(Known)
            // `BACKUP_KEEP_*` and the like stand for several.
            .Where(name => !name.EndsWith('_'));

        Assert.Empty(unknown);
    }

    [Fact]
    public void The_hosts_own_settings_are_in_the_docs_too()
    {
        var docs = Read("docs/settings.md").Split(End)[1];

        foreach (var name in new[] { "DEEPSIGHT_FUNCTION_KEY", "DEEPSIGHT_MASTER_KEY", LocalState.Setting, StorageConnection.Default, "ASPNETCORE_URLS", "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT" })
            Assert.Contains($"`{name}`", docs, StringComparison.Ordinal);
    }

    public static TheoryData<string> Texts => [.. TextFiles()];

    private static IEnumerable<string> TextFiles() =>
        new[] { "README.md", "CHANGELOG.md" }
            .Concat(Below("docs", ".md", ".yaml"))
            .Concat(Below("infra", ".md", ".bicep", ".bicepparam", ".yaml", ".service", ".env"))
            .Concat(Below(".github", ".yml"));

    private static IEnumerable<string> Below(string folder, params string[] endings) =>
        Directory.EnumerateFiles(Path.Combine(Clone.Root, folder), "*", SearchOption.AllDirectories)
            .Where(file => endings.Contains(Path.GetExtension(file)))
            .Select(file => Path.GetRelativePath(Clone.Root, file));

    private static string Read(string file) => File.ReadAllText(Path.Combine(Clone.Root, file));

    [GeneratedRegex(@"^\| `([A-Z0-9_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex FirstCell();

    [GeneratedRegex(@"\b(BACKUP|RESTORE|RETENTION|MIGRATIONS|VERIFY|HEALTH|NOTIFY)_[A-Z0-9_]+")]
    private static partial Regex SettingName();
}
