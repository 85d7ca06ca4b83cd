using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Tests.Restore;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Cli;

/// <summary><c>deepsight restore</c> as an operator sees it: where the backup comes from, the exit code, and what it leaves.</summary>
public sealed class RestoreCommandTests(PostgresServers servers, S3Server s3) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Backups => Path.Combine(folder.Path, "backups");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_backup_of_the_old_tool_is_restored_by_its_path()
    {
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        var path = Path.Combine(folder.Path, "deepsight_20250101_030000.sql.gz");
        await File.WriteAllBytesAsync(path, DumpFiles.Gzip(await DumpFiles.MakeAsync(target)), Cancelled);
        await target.ExecuteAsync("delete from videos");

        var result = (await RunAsync(Settings(target), "restore", path, "--yes")).EndedWith(0);

        Assert.Contains("no manifest", result.Output + result.Errors, StringComparison.Ordinal);
        Assert.Equal(3000, await VideosAsync(target));
        Assert.Single(Directory.EnumerateFiles(Path.Combine(Backups, "pre-restore"), "*" + BackupName.ManifestSuffix));
    }

    [Fact]
    public async Task The_newest_backup_is_restored_and_one_from_the_future_is_not()
    {
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        var name = (await RunAsync(Settings(target), "backup", "--json")).EndedWith(0).Json.GetProperty("manifest").GetProperty("name").GetString()!;
        foreach (var suffix in new[] { "", BackupName.ManifestSuffix })
            await File.WriteAllTextAsync(Path.Combine(Backups, "deepsight_20990101_030000.sql.gz" + suffix), "not a backup", Cancelled);
        await target.ExecuteAsync("delete from videos");

        var result = (await RunAsync(Settings(target), "restore", "--latest", "--skip-backup", "--yes", "--json")).EndedWith(0);

        Assert.Equal(name, result.Json.GetProperty("plan").GetProperty("backup").GetString());
        Assert.Equal(3000, await VideosAsync(target));
        (await RunAsync(Settings(target), "restore", "deepsight_20990101_030000.sql.gz", "--force", "--yes")).FailedWith(5, "deepsight_20990101_030000.sql.gz");
    }

    [Fact]
    public async Task A_backup_in_S3_is_restored_by_its_name()
    {
        await using var bucket = await S3TestBucket.CreateAsync(s3);
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        var settings = Settings(target);
        settings["AWS_ENDPOINT_URL_S3"] = bucket.Access.Endpoint.AbsoluteUri;
        settings["AWS_ACCESS_KEY_ID"] = bucket.Access.AccessKey;
        settings["AWS_SECRET_ACCESS_KEY"] = bucket.Access.SecretKey;
        settings["BACKUP_S3_BUCKET"] = bucket.Name;
        var name = (await RunAsync(settings, "backup", "--upload", "--json")).EndedWith(0).Json.GetProperty("manifest").GetProperty("name").GetString()!;
        Directory.Delete(Backups, recursive: true);
        await target.ExecuteAsync("delete from videos");

        (await RunAsync(settings, "restore", "--from-s3", "deepsight_20000101_000000.sql.gz", "--yes")).FailedWith(4, "deepsight_20000101_000000.sql.gz");
        var result = (await RunAsync(settings, "restore", "--from-s3", name, "--yes", "--json")).EndedWith(0).Json;

        Assert.Equal(3000, await VideosAsync(target));
        // Into the store that the backup came from.
        var before = result.GetProperty("pre_restore_backup").GetString()!;
        Assert.Contains(await bucket.Open(TimeProvider.System).NamesAsync(), stored => stored == before);
    }

    [Fact]
    public async Task Without_S3_a_restore_from_it_is_a_wrong_usage() =>
        (await RunAsync(Settings(await servers.NewDatabaseAsync(17)), "restore", "--from-s3", "deepsight_20250101_030000.sql.gz", "--yes")).FailedWith(2, "AWS_ACCESS_KEY_ID");

    [Fact]
    public async Task Roles_that_are_missing_are_named_or_made()
    {
        var role = "gone_" + Guid.NewGuid().ToString("n")[..8];
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample + $"create role {role}; alter table videos owner to {role}; grant select on users to {role};");
        (await RunAsync(Settings(target), "backup")).EndedWith(0);
        await target.ExecuteAsync($"drop owned by {role} cascade; drop role {role}");

        var told = (await RunAsync(Settings(target), "restore", "--latest", "--skip-backup", "--yes")).EndedWith(0);
        Assert.Contains(role, told.Output + told.Errors, StringComparison.Ordinal);
        Assert.Equal("postgres", await OwnerAsync());

        await target.ExecuteAsync("drop table videos cascade");
        (await RunAsync(Settings(target), "restore", "--latest", "--skip-backup", "--yes", "--create-missing-roles")).EndedWith(0);
        Assert.Equal(role, await OwnerAsync());
        Assert.False(await target.AskAsync<bool>($"select rolcanlogin from pg_roles where rolname = '{role}'"));

        Task<string> OwnerAsync() => target.AskAsync<string>("select tableowner::text from pg_tables where tablename = 'videos'");
    }

    [Theory]
    [InlineData(5, "deepsight_20250101_030000.sql.gz", "PK\u0003\u0004 not a dump", "zip")]
    [InlineData(1, "hand.sql", "create table t (a int);\nselect 1/0;\n--\n-- PostgreSQL database dump complete\n--\n", "division by zero")]
    public async Task What_can_not_be_restored_ends_with_its_exit_code(int exitCode, string name, string content, string word)
    {
        var target = await servers.NewDatabaseAsync(17, "create table t (a int); insert into t values (1)");
        var path = Path.Combine(folder.Path, name);
        await File.WriteAllTextAsync(path, content, Cancelled);

        (await RunAsync(Settings(target), "restore", path, "--skip-backup", "--trust-statements", "--yes")).FailedWith(exitCode, word);

        Assert.Equal(1, await target.AskAsync<int>("select a from t"));
        Assert.Empty(await RestoreWorld.LeftoversAsync(target));
    }

    private static Task<CommandResult> RunAsync(Dictionary<string, string> settings, params string[] arguments) => CommandProcess.RunAsync(settings, arguments);

    private static Task<long> VideosAsync(DatabaseUrl target) => target.AskAsync<long>("select count(*) from videos");

    private Dictionary<string, string> Settings(DatabaseUrl database) => new() { ["DATABASE_URL"] = database.Whole(), ["BACKUP_DIR"] = Backups };
}
