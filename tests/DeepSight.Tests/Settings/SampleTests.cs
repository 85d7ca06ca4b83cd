using System.Text.Json;
using DeepSight.Core;
using DeepSight.Core.Settings;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Settings;

public sealed class SampleTests
{
    private static readonly string[] OfTheHost = ["FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage"];

    [Fact]
    public void The_sample_is_usable_as_it_is_and_names_no_setting_twice_or_wrongly()
    {
        var options = new JsonDocumentOptions { AllowDuplicateProperties = false };
        using var sample = JsonDocument.Parse(File.ReadAllText(Path.Combine(Clone.Root, "local.settings.sample.json")), options);
        var values = sample.RootElement.GetProperty("Values").EnumerateObject().Select(row => KeyValuePair.Create(row.Name, row.Value.GetString())).ToList();

        var settings = DeepSightSettings.Load(new SettingsSource().Add(values, "sample"));

        Assert.Empty(settings.Errors);
        Assert.Empty(settings.Warnings);
        var known = SettingsCatalog.All.Select(setting => setting.Name).Concat(OfTheHost).ToHashSet();
        Assert.DoesNotContain(values, row => !known.Contains(row.Key));
    }
}
