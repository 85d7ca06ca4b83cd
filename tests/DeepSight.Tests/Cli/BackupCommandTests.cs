using System.IO.Compression;
using DeepSight.Core.Postgres;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Cli;

/// <summary><c>deepsight backup</c> as an operator sees it: what it prints, its exit code, and what it leaves.</summary>
public sealed class BackupCommandTests(PostgresServers servers) : IDisposable
{
    private const string Small = "create table t (id int primary key, name text); insert into t select n, 'row ' || n from generate_series(1, 1000) n;";

    /// <summary>100 MB that don't compress: a dump that is still running when a test gets to it.</summary>
    private const string Large = "create table large as select n, (select string_agg(md5(n::text || i), '') from generate_series(1, 300) i) as body from generate_series(1, 10000) n;";

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Backups => Path.Combine(folder.Path, "backups");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_backup_is_made_listed_and_never_replaces_a_file()
    {
        var database = await servers.NewDatabaseAsync(18, Small);
        Directory.CreateDirectory(Backups);
        var now = TimeProvider.System.GetUtcNow();
        var foreign = Enumerable.Range(0, 30).Select(i => Path.Combine(Backups, $"deepsight_{now.AddSeconds(i):yyyyMMdd_HHmmss}.sql.gz")).ToList();
        foreach (var path in foreign) await File.WriteAllTextAsync(path, "not ours", Cancelled);

        var backup = (await RunAsync(database, "backup", "--json")).EndedWith(0).Json;

        var name = backup.GetProperty("manifest").GetProperty("name").GetString()!;
        Assert.DoesNotContain(Path.Combine(Backups, name), foreign);
        Assert.All(foreign, path => Assert.Equal("not ours", File.ReadAllText(path)));
        var listed = (await RunAsync(database, "list", "--all", "--json")).EndedWith(0).Json.GetProperty("backups").EnumerateArray().ToList();
        Assert.Equal(name, Assert.Single(listed, row => row.GetProperty("good").GetBoolean()).GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_backup_is_skipped_while_a_good_one_is_young_enough()
    {
        var database = await servers.NewDatabaseAsync(18, Small);
        (await RunAsync(database, "backup")).EndedWith(0);

        Assert.Contains("nothing to do", (await RunAsync(database, "backup", "--if-older-than", "12h")).EndedWith(0).Output, StringComparison.Ordinal);

        Assert.Single(Names("*.manifest.json"));
    }

    [Fact]
    public async Task It_says_first_what_is_dumped_with_what_and_only_who_writes_is_warned_of_a_temporary_directory()
    {
        var database = await servers.NewDatabaseAsync(18, Small);

        var said = (await RunAsync(database, "backup")).EndedWith(0).Errors;
        var listed = (await RunAsync(database, "list")).EndedWith(0).Errors;

        Assert.Matches($@"  database  {database.Database} on 127\.0\.0\.1:{database.Port} \(PostgreSQL 18\.\d+, [\d.]+ MB\)   client 18\.\d+, \w+", said);
        Assert.Contains("a temporary folder is not for keeps", said, StringComparison.Ordinal);
        Assert.DoesNotContain("a temporary folder", listed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "", "DATABASE_URL")]
    [InlineData(2, "mysql://user:s3cret@localhost/app", "DATABASE_URL")]
    [InlineData(2, "postgresql://user:s3cret@localhost:port/app", "DATABASE_URL", "port")]
    [InlineData(1, "postgresql://user:s3cret@nowhere.invalid/app", "nowhere.invalid")]
    [InlineData(1, "postgresql://user:s3cret@127.0.0.1:1/app", "127.0.0.1:1", "nothing listens")]
    public async Task A_database_that_cannot_be_reached_is_told_without_its_password(int exitCode, string url, params string[] words)
    {
        var result = await CommandProcess.RunAsync(Settings(url), "backup");

        result.FailedWith(exitCode, words);
        Assert.DoesNotContain("s3cret", result.Errors, StringComparison.Ordinal);
        Assert.Empty(Names("*.sql.gz*"));
    }

    [Fact]
    public async Task A_wrong_password_and_a_missing_database_are_told()
    {
        var database = await servers.NewDatabaseAsync(18);

        (await RunAsync(database with { Password = "wrong" }, "backup")).FailedWith(1, "password", database.User);
        (await RunAsync(database.WithDatabase("gone"), "backup")).FailedWith(1, "gone");
        Assert.Empty(Names("*.sql.gz*"));
    }

    [Fact]
    public async Task A_server_newer_than_every_client_is_told_with_what_is_there()
    {
        using var old = new FakeTools("dump 1", "14.9");
        var database = await servers.NewDatabaseAsync(18, Small);

        (await RunWithAsync(database, new() { ["POSTGRES_CLIENT_DIR"] = old.Settings.ClientDir! }, "backup")).FailedWith(1, "14.9", "18");
    }

    [Fact]
    public async Task A_table_that_may_not_be_read_is_named_and_nothing_is_left()
    {
        var role = $"reader_{Guid.NewGuid():n}";
        var database = await servers.NewDatabaseAsync(18, $"{Small} create role {role} login password 'pw'; create table closed (); grant select on t to {role};");

        (await RunAsync(database with { User = role, Password = "pw" }, "backup")).FailedWith(1, "closed");

        Assert.Empty(Names("*.sql.gz*"));
    }

    [Theory]
    [InlineData(1, "BACKUP_DIR", "/proc/backups")]
    [InlineData(2, "BACKUP_DIR", "backups")]
    [InlineData(2, "BACKUP_COMPRESSION", "lz4")]
    [InlineData(2, "BACKUP_NAME", "a/b")]
    public async Task A_setting_that_cannot_work_is_named_with_its_value(int exitCode, string name, string value)
    {
        var database = await servers.NewDatabaseAsync(18, Small);

        (await RunWithAsync(database, new() { [name] = value }, "backup")).FailedWith(exitCode, value);
    }

    [Fact]
    public async Task A_disk_that_fills_in_the_middle_is_told_and_nothing_stays_on_it()
    {
        var database = await servers.NewDatabaseAsync(18, Large);
        var script = $"mkdir -p {Backups} && mount -t tmpfs -o size=4m,mode=700 tmpfs {Backups} && {{ \"$@\"; code=$?; ls {Backups}; exit $code; }}";

        var result = await CommandProcess.RunLineAsync(Settings(database.Whole()), ["unshare", "--mount", "--map-root-user", "sh", "-c", script, "sh", .. CommandProcess.Line("backup")]);

        result.FailedWith(1, "full", Backups);
        Assert.DoesNotContain("sql.gz", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_the_process_may_not_write_is_told_and_nothing_is_left()
    {
        var database = await servers.NewDatabaseAsync(17, "create table t as select md5(n::text) from generate_series(1, 20000) n");

        // .NET's runtime itself writes more than that when it guards its machine code.
        var result = await CommandProcess.RunLineAsync(
            [.. Settings(database.Whole()), new("DOTNET_EnableWriteXorExecute", "0")],
            ["bash", "-c", "ulimit -f 200; exec \"$@\"", "bash", .. CommandProcess.Line("backup")]);

        result.FailedWith(1, "larger than this file system or this process may write", "ulimit -f");
        Assert.Empty(Names("*sql.gz*"));
    }

    [Fact]
    public async Task A_stopped_backup_goes_on()
    {
        var database = await servers.NewDatabaseAsync(17, Large);
        using var backup = CommandProcess.Start(Settings(database.Whole()), "backup");
        await HasBegunAsync(backup);

        backup.Signal("STOP");
        await Task.Delay(TimeSpan.FromSeconds(1), Cancelled);
        Assert.False(backup.HasEnded);
        backup.Signal("CONT");

        (await backup.EndAsync()).EndedWith(0);
    }

    [Fact]
    public async Task A_second_backup_is_told_that_one_is_running()
    {
        using var hanging = new FakeTools("hang");
        var database = await servers.NewDatabaseAsync(18, Small);
        using var first = CommandProcess.Start(Settings(database.Whole(), new Dictionary<string, string> { ["POSTGRES_CLIENT_DIR"] = hanging.Settings.ClientDir! }), "backup");
        await HasBegunAsync(first);

        (await RunAsync(database, "backup")).FailedWith(6, "backup");

        Assert.Single(Names("*.pending"));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_in_the_middle_leaves_nothing(string signal)
    {
        var database = await servers.NewDatabaseAsync(18, Large);
        using var backup = CommandProcess.Start(Settings(database.Whole()), "backup");
        await HasBegunAsync(backup);

        backup.Signal(signal);

        (await backup.EndAsync()).EndedWith(130);
        Assert.All(Names("*"), name => Assert.StartsWith("runs/", name));
        Assert.Contains("\"cancelled\"", await File.ReadAllTextAsync(Path.Combine(Backups, Assert.Single(Names("*"))), Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    [Trait(Matrix.Runs, Matrix.Full)]
    public async Task A_server_that_dies_in_the_middle_is_told_and_nothing_is_left()
    {
        var server = await PostgresServers.StartAnotherAsync(18);
        await server.Url.ExecuteAsync(Large);
        using var backup = CommandProcess.Start(Settings(server.Url.Whole()), "backup");
        await HasBegunAsync(backup);

        await server.DisposeAsync();

        (await backup.EndAsync()).FailedWith(1);
        Assert.All(Names("*"), name => Assert.StartsWith("runs/", name));
    }

    [Fact]
    public async Task No_process_of_a_backup_has_the_password_in_its_arguments_and_no_file_has_it_at_all()
    {
        var database = await servers.NewDatabaseAsync(18, Large);
        using var backup = CommandProcess.Start(Settings(database.Whole()), "backup");

        var seen = new Dictionary<int, string>();
        await Eventually.HoldsAsync(() =>
        {
            // One that has ended has no line any more.
            foreach (var (id, line) in ProcessTable.Descendants(backup.Id).Where(process => process.Arguments.Length > 0)) seen[id] = line;
            return backup.HasEnded;
        }, () => "The backup did not end.");

        var result = (await backup.EndAsync()).EndedWith(0);
        Assert.Contains(seen.Values, line => line.Contains("pg_dump", StringComparison.Ordinal));
        Assert.All(seen.Values.Append(result.Output).Append(result.Errors), text => Assert.DoesNotContain(database.Password!, text, StringComparison.Ordinal));
        foreach (var name in Names("*")) Assert.DoesNotContain(database.Password!, await ReadAsync(name), StringComparison.Ordinal);
    }

    private Dictionary<string, string> Settings(string url, IReadOnlyDictionary<string, string>? more = null) =>
        new(more ?? new Dictionary<string, string>()) { ["DATABASE_URL"] = url, ["BACKUP_DIR"] = more?.GetValueOrDefault("BACKUP_DIR") ?? Backups };

    private Task<CommandResult> RunAsync(DatabaseUrl database, params string[] arguments) => CommandProcess.RunAsync(Settings(database.Whole()), arguments);

    private Task<CommandResult> RunWithAsync(DatabaseUrl database, Dictionary<string, string> settings, params string[] arguments) =>
        CommandProcess.RunAsync(Settings(database.Whole(), settings), arguments);

    /// <summary>The name is reserved and something is written: pg_dump runs.</summary>
    private async Task HasBegunAsync(CommandProcess backup)
    {
        await Eventually.HoldsAsync(() => backup.HasEnded || (Names("*.pending").Count > 0 && Names("*").Exists(IsBeingWritten)), () => "The backup did not begin.");
        Assert.False(backup.HasEnded, backup.HasEnded ? (await backup.EndAsync()).ToString() : null);
    }

    private bool IsBeingWritten(string name) => Path.GetFileName(name).StartsWith('.') && new FileInfo(Path.Combine(Backups, name)) is { Exists: true, Length: > 0 };

    private List<string> Names(string pattern) => !Directory.Exists(Backups) ? [] :
        [.. Directory.EnumerateFiles(Backups, pattern, SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Backups, path))];

    private async Task<string> ReadAsync(string name)
    {
        await using var file = File.OpenRead(Path.Combine(Backups, name));
        await using Stream content = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(content);
        return await reader.ReadToEndAsync(Cancelled);
    }
}
