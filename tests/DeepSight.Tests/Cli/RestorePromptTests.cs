using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Locking;
using DeepSight.Core.Restore;
using DeepSight.Tests.Restore;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Cli;

/// <summary><c>deepsight restore</c> on a terminal: what it asks, and what each answer leads to.</summary>
public sealed class RestorePromptTests(PostgresServers servers) : IDisposable
{
    private const string NameQuestion = "Type the database's name to go on: ";

    private const string Question = "[y/N] ";

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_name_of_a_production_database_is_typed_and_it_is_restored()
    {
        var target = await DamagedAsync();
        using var terminal = TerminalProcess.Start(Production(target), "restore", Dump);

        await terminal.AnswerAsync(NameQuestion, target.Database);

        Assert.True(await terminal.EndAsync() == 0, terminal.Screen);
        Assert.Contains("PRODUCTION", terminal.Screen, StringComparison.Ordinal);
        Assert.DoesNotContain(Question, terminal.Screen, StringComparison.Ordinal);
        Assert.Equal(3000, await VideosAsync(target));
    }

    [Theory]
    [InlineData("yes", 3, "was not contacted")]
    [InlineData("", 3, "was not contacted")]
    [InlineData("^D", 3, "was not contacted")]
    [InlineData("^C", 130, "Cancelled")]
    public async Task Anything_else_leaves_production_alone(string answer, int exitCode, string expected)
    {
        var target = await DamagedAsync();
        using var terminal = TerminalProcess.Start(Production(target), "restore", Dump);

        await terminal.AnswerAsync(NameQuestion, answer);

        Assert.True(await terminal.EndAsync() == exitCode, terminal.Screen);
        Assert.Contains(expected, terminal.Screen, StringComparison.Ordinal);
        await AssertUntouchedAsync(target);
    }

    [Theory]
    [InlineData("n", 3, "Nothing was touched")]
    [InlineData("", 3, "Nothing was touched")]
    [InlineData("^C", 130, "Cancelled")]
    public async Task Without_a_yes_behind_the_plan_nothing_is_touched(string answer, int exitCode, string expected)
    {
        var target = await DamagedAsync();
        using var terminal = TerminalProcess.Start(Settings(target), "restore", Dump);

        await terminal.AnswerAsync(Question, answer);

        Assert.True(await terminal.EndAsync() == exitCode, terminal.Screen);
        Assert.Contains(expected, terminal.Screen, StringComparison.Ordinal);
        await AssertUntouchedAsync(target);
    }

    [Theory]
    [InlineData("swap")]
    [InlineData("in-place")]
    [InlineData("into")]
    public async Task Interrupted_while_it_loads_it_ends_with_130_and_the_target_is_as_it_was(string mode)
    {
        var target = await DamagedAsync();
        var dump = await PausedDump.OfAsync(target);
        await File.WriteAllBytesAsync(Dump, DumpFiles.Gzip(dump.Sql), Cancelled);
        string[] how = mode switch { "in-place" => ["--mode", mode, "--clean"], "into" => ["--into", target.Database + "_copy"], _ => [] };
        using var terminal = TerminalProcess.Start(Settings(target), ["restore", Dump, "--skip-backup", .. how]);

        await terminal.AnswerAsync(Question, "y");
        await dump.ReachedAsync();
        await terminal.AnswerAsync("", "^C");

        Assert.True(await terminal.EndAsync() == 130, terminal.Screen);
        await dump.EndAsync();
        await AssertUntouchedAsync(target);
    }

    /// <summary>Who leaves the terminal with the question on it must not keep the scheduled backup from its hour.</summary>
    [Theory]
    [InlineData("swap")]
    [InlineData("in-place")]
    public async Task While_the_question_stands_other_jobs_run(string mode)
    {
        var target = await DamagedAsync();
        string[] how = mode == "swap" ? [] : ["--mode", mode, "--clean"];
        using var terminal = TerminalProcess.Start(Settings(target), ["restore", Dump, "--skip-backup", .. how]);
        await terminal.AskedAsync(Question);

        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                await using var other = await JobLock.AcquireAsync(target, "backup", TimeSpan.Zero, TimeProvider.System, Cancelled);
                return true;
            }
            catch (DeepSightException e) when (e.Kind == FailureKind.Busy)
            {
                return false;
            }
        }, () => "The lock was not given back.");
        await terminal.AnswerAsync("", "y");

        Assert.True(await terminal.EndAsync() == 0, terminal.Screen);
        Assert.Equal(3000, await VideosAsync(target));
    }

    [Fact]
    public async Task What_was_restored_while_the_question_stood_is_not_restored_over()
    {
        var target = await DamagedAsync();
        using var terminal = TerminalProcess.Start(Settings(target), "restore", Dump);
        await terminal.AskedAsync(Question);
        using var world = new RestoreWorld();
        await target.ExecuteAsync("insert into videos values (1, null, null)");
        await world.BackUpAsync(target);
        await world.RestoreAsync(world.Over(target, new RestoreOptions { Force = true }) with { LockWait = TimeSpan.FromMinutes(1) });

        await terminal.AnswerAsync("", "y");

        Assert.True(await terminal.EndAsync() == 3, terminal.Screen);
        Assert.Contains("another restore has replaced its content", terminal.Screen, StringComparison.Ordinal);
        Assert.Equal(1, await VideosAsync(target));
    }

    private string Dump => Path.Combine(folder.Path, "deepsight_20250101_030000.sql.gz");

    private async Task<DatabaseUrl> DamagedAsync()
    {
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        await File.WriteAllBytesAsync(Dump, DumpFiles.Gzip(await DumpFiles.MakeAsync(target)), Cancelled);
        await target.ExecuteAsync("delete from videos");
        return target;
    }

    private static async Task AssertUntouchedAsync(DatabaseUrl target)
    {
        Assert.Equal(0, await VideosAsync(target));
        Assert.Equal(0, await target.AskAsync<long>($"select count(*) from pg_database where datname like '{target.Database}_%'"));
    }

    private static Task<long> VideosAsync(DatabaseUrl target) => target.AskAsync<long>("select count(*) from videos");

    private Dictionary<string, string> Settings(DatabaseUrl target) => new() { ["DATABASE_URL"] = target.Whole(), ["BACKUP_DIR"] = Path.Combine(folder.Path, "backups") };

    private Dictionary<string, string> Production(DatabaseUrl target) => new(Settings(target)) { ["RESTORE_PRODUCTION_HOSTS"] = "127.0.0.*" };
}
