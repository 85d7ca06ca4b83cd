using System.Globalization;
using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Retention;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage;
using DeepSight.Core.Storage.Local;
using DeepSight.Tests.Cli;
using DeepSight.Tests.Queues;
using DeepSight.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DeepSight.Tests.Retention;

/// <summary>
/// The command, killed (SIGKILL) at moments spread over its work: as soon as so many objects are marked or gone. Four moments a
/// store by default, twenty with DEEPSIGHT_TEST_FULL=1.
/// </summary>
public sealed class KilledRetentionTests(S3Server server, SharedAzurite azurite)
{
    private const int Backups = 90;
    private const int Going = 60;
    private const int ObjectsEach = 3;

    /// <summary>A marker for each, then every object goes, then every marker.</summary>
    private const int Steps = Going + Going * ObjectsEach + Going;

    private static readonly int Moments = Matrix.IsFull ? 20 : 4;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_while_it_deletes_files_only_planned_ones_are_gone_and_the_next_run_finishes()
    {
        for (var moment = 0; moment < Moments; moment++)
        {
            using var folder = new TemporaryFolder();
            var store = new LocalBackupStore(folder.Path, TimeProvider.System);
            await KillAndFinishAsync(store, moment, new() { ["BACKUP_DIR"] = folder.Path, ["BACKUP_STORE"] = "local" });
        }
    }

    [Fact]
    [Trait(Matrix.Runs, Matrix.Full)]
    public async Task Killed_while_it_deletes_objects_only_planned_ones_are_gone_and_the_next_run_finishes()
    {
        for (var moment = 0; moment < Moments; moment++)
        {
            await using var bucket = await S3TestBucket.CreateAsync(server);
            using var store = bucket.Open(TimeProvider.System);
            await KillAndFinishAsync(store, moment, new()
            {
                ["BACKUP_DIR"] = "/nonexistent/backups",
                ["BACKUP_STORE"] = "s3",
                ["AWS_ACCESS_KEY_ID"] = bucket.Access.AccessKey,
                ["AWS_SECRET_ACCESS_KEY"] = bucket.Access.SecretKey,
                ["AWS_ENDPOINT_URL_S3"] = bucket.Access.Endpoint.AbsoluteUri,
                ["BACKUP_S3_BUCKET"] = bucket.Name,
                ["BACKUP_S3_PREFIX"] = S3TestBucket.Prefix,
            });
        }
    }

    [Fact]
    [Trait(Matrix.Runs, Matrix.Full)]
    public async Task Killed_while_it_deletes_blobs_only_planned_ones_are_gone_and_the_next_run_finishes()
    {
        for (var moment = 0; moment < Moments; moment++)
        {
            await using var container = await AzureTestContainer.CreateAsync(azurite);
            using var store = container.Open(TimeProvider.System);
            // Nobody can write a blob that is leased: here the lease has run out by the clock.
            using var later = container.Open(new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddMinutes(10)));
            await KillAndFinishAsync(store, later, moment, new()
            {
                ["BACKUP_DIR"] = "/nonexistent/backups",
                ["BACKUP_STORE"] = "azure",
                ["BACKUP_AZURE_CONNECTION"] = container.Connection(),
                ["BACKUP_AZURE_CONTAINER"] = container.Name,
                ["BACKUP_AZURE_PREFIX"] = AzureTestContainer.Prefix,
            });
        }
    }

    private static async Task KillAndFinishAsync(IBackupStore store, int moment, Dictionary<string, string?> environment) =>
        await KillAndFinishAsync(store, null, moment, environment);

    /// <param name="later">The same store, when the dead one's lease has run out; null where the lease can be written over.</param>
    private static async Task KillAndFinishAsync(IBackupStore store, IBackupStore? later, int moment, Dictionary<string, string?> environment)
    {
        var names = Enumerable.Range(0, Backups).Select(At).ToList();
        await Parallel.ForEachAsync(names.SelectMany(AllOf), Cancelled, async (name, token) => await store.ReplaceAsync(name, new byte[1], token));
        var kept = names[..(Backups - Going)].SelectMany(AllOf).Order(StringComparer.Ordinal).ToList();

        environment["BACKUP_RETENTION_DAYS"] = (Backups - Going - 1).ToString(CultureInfo.InvariantCulture);
        await StartAndKillAsync(store, Steps * moment / Moments, environment);

        // What stays is whole, and nothing that is half gone can be taken for a backup.
        Assert.Equal(kept, (await store.NamesAsync("deepsight_")).Intersect(kept));
        Assert.All(await new BackupCatalog(store, "deepsight").ListAsync(Cancelled), entry => Assert.True(entry is { HasManifest: true, HasAccess: true }));

        // As if the dead one's lease had run out.
        if (later is null) await store.ReplaceAsync("leases/retention.json", ReadOnlyMemory<byte>.Empty, Cancelled);
        var settings = DeepSightSettings.Load(new SettingsSource().Add(environment, "test")).ThrowIfInvalid();
        var journal = new RunJournal(TimeProvider.System, NullLogger<RunJournal>.Instance);
        var result = await new RetentionJob(settings.Retention, settings.Backup, settings.Database, settings.Restore, journal, new RunHistory(TimeProvider.System), TimeProvider.System)
            .RunAsync(new RetentionRequest([later ?? store], "command", Force: false, DryRun: false), Cancelled);

        Assert.Empty(result.Failures);
        Assert.Equal(kept, await store.NamesAsync("deepsight_"));
    }

    private static async Task StartAndKillAsync(IBackupStore store, int steps, Dictionary<string, string?> environment)
    {
        using var command = CommandProcess.Start(environment.Select(setting => KeyValuePair.Create(setting.Key, setting.Value!)), "retention");
        while (!command.HasEnded && await StepsDoneAsync(store) <= steps) await Task.Delay(1, Cancelled);
        command.Kill();
        var result = await command.EndAsync();
        Assert.True(result.ExitCode is 0 or 137, $"{result.ExitCode}: {result.Errors}");
    }

    private static async Task<int> StepsDoneAsync(IBackupStore store)
    {
        var names = await store.NamesAsync("deepsight_");
        var markers = names.Count(name => name.EndsWith(BackupName.DeletingSuffix, StringComparison.Ordinal));
        var gone = Backups * ObjectsEach - (names.Count - markers);
        return gone < Going * ObjectsEach ? markers + gone : Going + gone + (Going - markers);
    }

    private static BackupName At(int days)
    {
        var time = TimeProvider.System.GetUtcNow().AddDays(-days).AddHours(-1);
        return new BackupName("deepsight", new DateTimeOffset(time.Ticks - time.Ticks % TimeSpan.TicksPerSecond, TimeSpan.Zero), Compression.Gzip, false);
    }

    private static string[] AllOf(BackupName name) => [name.ToString(), name.Manifest, name.Access];
}
