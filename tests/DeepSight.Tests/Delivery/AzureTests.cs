using System.Text.Json;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Delivery;

/// <summary>infra/azure under the Bicep compiler. A deployment to Azure itself is not tried here.</summary>
public sealed class AzureTests
{
    [Fact]
    public async Task The_Bicep_files_compile_without_a_warning() =>
        (await Script.RunAsync("infra/azure/check.sh")).EndedWith(0);

    [Fact]
    public async Task A_property_that_Azure_does_not_know_fails_the_check()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "main.bicep"), """
            resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
              name: 'deepsight'
              location: 'westeurope'
              kind: 'StorageV2'
              sku: { name: 'Standard_LRS' }
              properties: { allowSharedKeyAcess: false }
            }
            """, TestContext.Current.CancellationToken);

        var result = await Script.RunAsync("infra/azure/check.sh", folder.Path);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("allowSharedKeyAcess", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_template_sets_all_three_schedules_and_lets_nothing_be_opened_by_a_key()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "main.json");
        var compiler = await Clone.BuiltAsync("local/bicep", "bicep");
        (await Script.RunLineAsync(
            [Path.Combine(compiler, "bicep"), "build", Path.Combine(Clone.Root, "infra", "azure", "main.bicep"), "--outfile", file],
            new Dictionary<string, string> { ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1" })).EndedWith(0);

        var template = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);

        foreach (var schedule in new[] { "BACKUP_SCHEDULE", "RETENTION_SCHEDULE", "VERIFY_SCHEDULE" })
            Assert.Contains($"'{schedule}', parameters(", template, StringComparison.Ordinal);
        var parameters = JsonDocument.Parse(template).RootElement.GetProperty("parameters");
        Assert.Equal("[format('0 0 {0} * * *', parameters('backupCronHour'))]", parameters.GetProperty("backupSchedule").GetProperty("defaultValue").GetString());
        Assert.Contains("\"allowSharedKeyAccess\": false", template, StringComparison.Ordinal);
        Assert.DoesNotContain("listKeys(", template, StringComparison.OrdinalIgnoreCase);
        foreach (var secret in new[] { "databaseUrl", "databaseDirectUrl", "verifyDatabaseUrl", "awsSecretAccessKey", "notifyWebhookUrl", "notifyPingUrl" })
            Assert.Equal("securestring", parameters.GetProperty(secret).GetProperty("type").GetString());
    }
}
