using System.Diagnostics;
using DeepSight.Core.Catalog;
using DeepSight.Core.Postgres;
using DeepSight.Core.Storage.Local;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.LocalHost;

/// <summary>The app as a process of its own, which is then killed.</summary>
public sealed class AppKillTests(PostgresServers servers) : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<Process> started = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Backups => Path.Combine(folder.Path, "backups");

    public void Dispose()
    {
        foreach (var process in started)
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }

        folder.Dispose();
    }

    [Fact]
    public async Task A_host_killed_in_mid_backup_leaves_nothing_that_is_listed_and_makes_it_once_when_it_is_back()
    {
        var database = await servers.NewDatabaseAsync(17, "create table t as select 1 as id");
        // Overdue, so that it backs up at its start; and the dump waits for this table.
        await using var holder = await database.OpenAsync();
        await holder.ExecuteAsync("begin; lock table t");
        var host = Start(database);
        await Eventually.HoldsAsync(() => Task.FromResult(Directory.Exists(Backups) && Directory.GetFiles(Backups, "*.pending").Length == 1), () => "No backup began.");

        host.Kill();
        await host.WaitForExitAsync(Cancelled);
        Assert.Empty(await ListAsync());
        await holder.ExecuteAsync("commit");
        Start(database);

        await Eventually.HoldsAsync(async () => (await ListAsync()).Count == 1, () => "No backup was made.");
        Assert.True((await ListAsync()).Single().HasManifest);
    }

    private Task<IReadOnlyList<BackupEntry>> ListAsync() =>
        new BackupCatalog(new LocalBackupStore(Backups, TimeProvider.System), "deepsight").ListAsync(Cancelled);

    private Process Start(DatabaseUrl database)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "DeepSight.LocalHost.dll"), "--port", "0"])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["DATABASE_URL"] = $"postgresql://{database.User}:{database.Password}@{database.Host}:{database.Port}/{database.Database}",
                ["BACKUP_DIR"] = Backups,
                ["BACKUP_STORE"] = "local",
                ["MIGRATIONS_AUTO"] = "off",
                ["DEEPSIGHT_STATE_DIR"] = Path.Combine(folder.Path, "state"),
                ["POSTGRES_CLIENT_DIR"] = Path.Combine(Clone.Bundles, "client"),
                ["AzureWebJobsStorage"] = "",
            },
        };
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        started.Add(process);
        return process;
    }
}
