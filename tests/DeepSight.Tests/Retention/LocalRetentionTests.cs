using System.Diagnostics;
using DeepSight.Core.Storage.Local;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Retention;

public sealed class LocalRetentionTests : RetentionJobContract
{
    /// <summary>Names that others use, and names of ours where none of ours would be.</summary>
    private static readonly string[] Names =
    [
        "www", ".git", "mail", "pg_replslot", "Runs", "run", "requests.old", "2026", "02", "12", "deepsight_20200101_030000.sql.gz", "deepsight_20200101_030000.sql.gz.manifest.json",
        "runs", "pre-restore", "leases", ".x.0123456789abcdef0123456789abcdef.deepsight-tmp", "030000_backup_a1.json", "a b", "ünï",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_others_have_in_and_around_the_folder_stays_to_the_last_inode(int seed)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(seed);
        var root = Directory.CreateDirectory(Path.Combine(folder.Path, "backups")).FullName;
        var around = Directory.CreateDirectory(Path.Combine(folder.Path, "around")).FullName;
        Grow(around, 3);
        foreach (var foreign in new[] { "www", ".git", "mail", "pg_replslot", "Runs", "2026", "runs/mine", "runs/2020/13x", "requests/more", "leases.old", "pre-restore/theirs" })
            Grow(Directory.CreateDirectory(Path.Combine(root, foreign)).FullName, 3);
        // Links under names of ours, and a file of others where ours would be.
        File.CreateSymbolicLink(Path.Combine(root, "deepsight_20200102_030000.sql.gz"), Path.Combine(around, "file"));
        Directory.CreateSymbolicLink(Path.Combine(root, "runs/2020/02"), around);
        Directory.CreateDirectory(Path.Combine(root, "runs/2020/01/01"));
        await File.WriteAllTextAsync(Path.Combine(root, "runs/2020/01/01/notes.txt"), "", Cancelled);
        var before = await WorldAsync(folder.Path);

        var store = new LocalBackupStore(root, Clock);
        await FillAsync(store, days: 12);
        var result = await RunAsync([store], Rules(("BACKUP_RETENTION_DAYS", "7")));

        Assert.Equal(4, result.Stores[0].Deleted.Count);
        Assert.Empty(result.Failures);
        Assert.Empty(before.Except(await WorldAsync(folder.Path)));

        void Grow(string folder, int depth)
        {
            File.WriteAllText(Path.Combine(folder, "file"), folder);
            foreach (var name in Names.Where(_ => random.Next(3) == 0))
            {
                var path = Path.Combine(folder, name);
                switch (random.Next(5))
                {
                    case 0: File.WriteAllText(path, path); break;
                    case 1: Directory.CreateDirectory(path); break;
                    case 2: File.CreateSymbolicLink(path, random.Next(2) == 0 ? around : "nowhere"); break;
                    case 3: File.CreateSymbolicLink(path, "file"); break;
                    default:
                        Directory.CreateDirectory(path);
                        if (depth > 0) Grow(path, depth - 1);
                        break;
                }
            }
        }
    }

    /// <summary>Each name with its inode, kind, mode and owner; files and links with their size, time and target as well.</summary>
    private static async Task<string[]> WorldAsync(string folder)
    {
        string[] arguments = [folder, "-type", "d", "-printf", @"%P %i %y %m %U\n", "-o", "-printf", @"%P %i %y %m %U %s %T@ %n %l\n"];
        using var find = Process.Start(new ProcessStartInfo("find", arguments) { RedirectStandardOutput = true })!;
        var world = await find.StandardOutput.ReadToEndAsync(Cancelled);
        await find.WaitForExitAsync(Cancelled);
        Assert.Equal(0, find.ExitCode);
        return world.Split('\n');
    }

    protected override Task<StoreUnderTest> OpenAsync()
    {
        var folder = new TemporaryFolder();
        var root = Path.Combine(folder.Path, "backups");
        return Task.FromResult(new StoreUnderTest(
            new LocalBackupStore(root, Clock),
            async (name, content) =>
            {
                var path = Path.Combine(root, name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await File.WriteAllBytesAsync(path, content, Cancelled);
            },
            () => Task.FromResult(0),
            () => { folder.Dispose(); return ValueTask.CompletedTask; }));
    }
}
