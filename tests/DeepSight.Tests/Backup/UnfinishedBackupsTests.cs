using DeepSight.Core.Backup;
using DeepSight.Core.Storage.Local;
using DeepSight.Tests.Storage;
using Microsoft.Extensions.Time.Testing;

namespace DeepSight.Tests.Backup;

/// <summary>What is cleared up after backups whose process died, and what is left alone.</summary>
public sealed class UnfinishedBackupsTests : IDisposable
{
    private const string Dead = "deepsight_20260212_030000.sql.gz";
    private const string Whole = "pre-restore/deepsight_20260212_040000.sql.gz";
    private const string Other = "app_20260212_030000.sql.gz";

    private readonly TemporaryFolder folder = new();
    private readonly LocalBackupStore store;

    public UnfinishedBackupsTests() => store = new LocalBackupStore(folder.Path, TimeProvider.System);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static DateTimeOffset Later => TimeProvider.System.GetUtcNow().AddHours(1);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task An_abandoned_backup_is_removed_with_its_marker_and_one_that_was_whole_appears()
    {
        await PutAsync(Dead + ".pending", Dead, Dead + ".access.sql.gz");
        await PutAsync(Whole + ".pending", Whole, Whole + ".access.sql.gz", Whole + ".manifest.json");
        await File.WriteAllTextAsync(Path.Combine(folder.Path, $".{Dead}.0.deepsight-tmp"), "half", Cancelled);

        var done = await UnfinishedBackups.SweepAsync(store, "deepsight", Later, Cancelled);

        Assert.Equal([Whole, Whole + ".access.sql.gz", Whole + ".manifest.json"], await store.NamesAsync());
        Assert.Equal(3, done.Count);
        Assert.Single(Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories), path => path.EndsWith(".gz", StringComparison.Ordinal) && !path.Contains("access", StringComparison.Ordinal));
        Assert.Empty(await UnfinishedBackups.SweepAsync(store, "deepsight", Later, Cancelled));
    }

    [Fact]
    public async Task What_is_young_or_of_another_stem_or_not_marked_stays()
    {
        string[] names = [Other + ".pending", Dead, Dead + ".pending", "deepsight_notes.pending"];
        await PutAsync(names);

        Assert.Empty(await UnfinishedBackups.SweepAsync(store, "deepsight", TimeProvider.System.GetUtcNow() - UnfinishedBackups.AbandonedAfter, Cancelled));
        Assert.Equal(names.Order(StringComparer.Ordinal), await store.NamesAsync());

        Assert.Single(await UnfinishedBackups.SweepAsync(store, "deepsight", Later, Cancelled));
        Assert.Equal([Other + ".pending", "deepsight_notes.pending"], await store.NamesAsync());
    }

    [Fact]
    public async Task A_backup_that_runs_for_days_keeps_its_marker_young()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var upload = new BackupUpload([store], clock);
        await upload.BeginAsync(BackupName.TryParse(Dead, "deepsight")!, Cancelled);
        var began = (await store.FindAsync(Dead + ".pending", Cancelled))!;

        await upload.WriteAsync("x"u8.ToArray(), Cancelled);
        Assert.Equal(began, await store.FindAsync(Dead + ".pending", Cancelled));
        clock.Advance(TimeSpan.FromHours(2));
        await upload.WriteAsync("y"u8.ToArray(), Cancelled);

        Assert.True((await store.FindAsync(Dead + ".pending", Cancelled))!.LastModified > began.LastModified);
    }

    private async Task PutAsync(params string[] names)
    {
        foreach (var name in names) Assert.True(await store.TryCreateAsync(name, "x"u8.ToArray(), Cancelled));
    }
}
