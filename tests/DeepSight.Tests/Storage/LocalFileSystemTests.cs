using System.Diagnostics.CodeAnalysis;
using DeepSight.Core;
using DeepSight.Core.Storage;
using DeepSight.Core.Storage.Local;
using Microsoft.Extensions.Time.Testing;

namespace DeepSight.Tests.Storage;

/// <summary>What only a directory can do wrong.</summary>
[SuppressMessage("Interoperability", "CA1416", Justification = "The suite runs on Linux.")]
public sealed class LocalFileSystemTests : IDisposable
{
    private const string Name = "deepsight_20260212_030000.sql.gz";

    private readonly TemporaryFolder folder = new();
    private readonly string root;
    private readonly LocalBackupStore store;

    public LocalFileSystemTests()
    {
        root = Path.Combine(folder.Path, "a", "backups");
        store = new LocalBackupStore(root, new FakeTimeProvider());
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Folders_and_files_are_private_to_their_owner()
    {
        await store.UploadAsync("pre-restore/" + Name, "x"u8.ToArray());
        await store.TryCreateAsync(Name + ".pending", "x"u8.ToArray(), Cancelled);
        await using var lease = await store.TryLeaseAsync("retention", TimeSpan.FromHours(1), Cancelled);

        foreach (var directory in (string[])[Path.GetDirectoryName(root)!, root, Path.Combine(root, "pre-restore"), Path.Combine(root, "leases")])
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(directory));
        foreach (var file in Directory.GetFiles(root, "*", SearchOption.AllDirectories))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task Folders_that_have_been_empty_for_a_while_go_with_the_sweep()
    {
        await store.ReplaceAsync("runs/2026/02/11/030000_backup_a.json", "x"u8.ToArray(), Cancelled);
        await store.ReplaceAsync("runs/2026/03/11/030000_backup_b.json", "x"u8.ToArray(), Cancelled);
        await store.DeleteAsync(["runs/2026/02/11/030000_backup_a.json"], Cancelled);
        var now = TimeProvider.System.GetUtcNow();

        await store.SweepUnfinishedAsync(null, now.AddHours(-1), Cancelled);
        Assert.True(Directory.Exists(Path.Combine(root, "runs/2026/02/11")));
        await store.SweepUnfinishedAsync(null, now.AddHours(1), Cancelled);

        Assert.Equal(["runs", "runs/2026", "runs/2026/03", "runs/2026/03/11"],
            Directory.GetDirectories(root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(root, path)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_link_in_the_directory_is_neither_listed_nor_followed()
    {
        var outside = Directory.CreateDirectory(Path.Combine(folder.Path, "outside")).FullName;
        await File.WriteAllTextAsync(Path.Combine(outside, Name), "secret", Cancelled);
        await store.UploadAsync("deepsight_20260101_000000.sql.gz", "x"u8.ToArray());
        File.CreateSymbolicLink(Path.Combine(root, Name), Path.Combine(outside, Name));
        Directory.CreateSymbolicLink(Path.Combine(root, "pre-restore"), outside);

        Assert.Equal(["deepsight_20260101_000000.sql.gz"], await store.NamesAsync());
        await RefusedAsync(() => store.ReadAsync(Name));
        await RefusedAsync(() => store.UploadAsync("pre-restore/x_20260101_000000.sql.gz", "x"u8.ToArray()));
        await RefusedAsync(() => store.DeleteAsync(["pre-restore/" + Name], Cancelled));
        Assert.True(File.Exists(Path.Combine(outside, Name)));

        static async Task RefusedAsync(Func<Task> action) =>
            Assert.Equal(FailureKind.Refused, (await Assert.ThrowsAsync<DeepSightException>(action)).Kind);
    }

    [Fact]
    public async Task The_directory_itself_may_be_a_link()
    {
        var disk = Directory.CreateDirectory(Path.Combine(folder.Path, "disk")).FullName;
        var link = Path.Combine(folder.Path, "link");
        Directory.CreateSymbolicLink(link, disk);
        await new LocalBackupStore(link, new FakeTimeProvider()).UploadAsync(Name, "x"u8.ToArray());
        Assert.True(File.Exists(Path.Combine(disk, Name)));
    }

    [Fact]
    public async Task A_directory_that_cannot_be_made_says_so()
    {
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "file"), "", Cancelled);
        var blocked = new LocalBackupStore(Path.Combine(folder.Path, "file", "backups"), new FakeTimeProvider());
        var failure = await Assert.ThrowsAsync<DeepSightException>(() => blocked.UploadAsync(Name, "x"u8.ToArray()));
        Assert.Equal(FailureKind.Failed, failure.Kind);
        Assert.Contains($"'{Path.Combine(folder.Path, "file")}' is a file, not a directory", failure.Message, StringComparison.Ordinal);
        Assert.Contains("BACKUP_DIR", failure.Hint, StringComparison.Ordinal);

        var check = Assert.Single(await blocked.CheckAsync(null, Cancelled).ToListAsync(Cancelled));
        Assert.Equal(CheckOutcome.Failed, check.Outcome);
        Assert.NotNull(check.Hint);
    }

    [Fact]
    public void A_full_disk_says_so()
    {
        // The one file that every Linux has on a full disk.
        using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var thrown = Assert.ThrowsAny<IOException>(() => full.Write("x"u8));
        var failure = LocalErrors.Explain(thrown, "write", Name);
        Assert.Equal($"Could not write '{Name}': the disk is full.", failure.Message);
        Assert.Contains("BACKUP_RETENTION_DAYS", failure.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Errno.ReadOnlyFileSystem, "read-only")]
    [InlineData(Errno.QuotaExceeded, "quota")]
    [InlineData(5, "Input/output error")]
    public void Other_faults_of_a_disk_are_named(int errno, string expected) =>
        Assert.Contains(expected, LocalErrors.Explain(new IOException("Input/output error", errno), "write", Name).Message, StringComparison.Ordinal);

    [Fact]
    public void A_move_never_replaces_a_file()
    {
        var (from, to) = (Path.Combine(folder.Path, "from"), Path.Combine(folder.Path, "to"));
        File.WriteAllText(from, "new");
        File.WriteAllText(to, "old");
        Assert.False(Posix.TryMove(from, to));
        Assert.Equal(("new", "old"), (File.ReadAllText(from), File.ReadAllText(to)));

        File.Delete(to);
        Assert.True(Posix.TryMove(from, to));
        Assert.Equal("new", File.ReadAllText(to));
        Assert.False(File.Exists(from));
    }

    [Fact]
    public async Task A_lease_file_cut_short_by_a_crash_counts_as_free()
    {
        Directory.CreateDirectory(Path.Combine(root, "leases"));
        await File.WriteAllTextAsync(Path.Combine(root, "leases", "retention.json"), """{"id":"abc","hol""", Cancelled);
        await using var lease = await store.TryLeaseAsync("retention", TimeSpan.FromHours(1), Cancelled);
        Assert.NotNull(lease);
    }

    [Theory]
    [InlineData(10_000_000_000, 1_000_000_000L, CheckOutcome.Ok, "10.0 GB free, the last backup took 1.0 GB")]
    [InlineData(2_000_000_000, 1_000_000_000L, CheckOutcome.Warning, "2.0 GB free, the last backup took 1.0 GB")]
    [InlineData(900_000_000, 1_000_000_000L, CheckOutcome.Failed, "900.0 MB free, the last backup took 1.0 GB: another one does not fit")]
    [InlineData(900_000_000, 10_000_000L, CheckOutcome.Ok, "900.0 MB free, the last backup took 10.0 MB")]
    [InlineData(900_000_000, null, CheckOutcome.Warning, "900.0 MB free")]
    public void Free_space_is_judged_by_what_the_last_backup_took(long free, long? last, CheckOutcome expected, string detail)
    {
        var check = LocalChecks.FreeSpace(free, last);

        Assert.Equal((expected, detail), (check.Outcome, check.Detail));
    }
}
