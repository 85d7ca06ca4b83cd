using System.Diagnostics;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Restore;
using DeepSight.Tests.Cli;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Restore;

/// <summary><c>deepsight restore</c> as a process that is killed at any moment: the target is as before, or as the backup. Nothing in between.</summary>
public sealed class RestoreKillTests(PostgresServers servers)
{
    private static readonly int Kills = Environment.GetEnvironmentVariable("DEEPSIGHT_TEST_FULL") == "1" ? 30 : 3;

    [Theory]
    [InlineData(RestoreMode.Swap)]
    [InlineData(RestoreMode.InPlace)]
    [InlineData(RestoreMode.Into)]
    public async Task Killed_at_any_moment_it_leaves_the_one_or_the_other(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var server = await servers.GetAsync(17);
        var target = server.SocketUrl.WithDatabase((await servers.NewDatabaseAsync(17, DumpFiles.Sample)).Database);
        await world.BackUpAsync(target);
        var whole = await DumpFiles.SummarizeAsync(target);
        await target.ExecuteAsync("delete from videos");
        var damaged = await DumpFiles.SummarizeAsync(target);

        var clock = Stopwatch.StartNew();
        using (var first = Start(world, target, mode)) await first.WaitForExitAsync(TestContext.Current.CancellationToken);
        var takes = clock.Elapsed;
        var restored = mode == RestoreMode.Into ? Copy(target) : target;
        Assert.True(DumpComparison.Of(whole, await DumpFiles.SummarizeAsync(restored)).AreEqual);

        var random = new Random(11);
        for (var i = 0; i < Kills; i++)
        {
            if (mode == RestoreMode.Into) await server.SocketUrl.ExecuteAsync($"drop database if exists {restored.Database}");
            await target.ExecuteAsync("delete from videos");
            using (var process = Start(world, target, mode))
            {
                // More often towards the end, where it publishes.
                await Task.Delay(takes * (0.25 + 0.8 * Math.Sqrt(random.NextDouble())), TestContext.Current.CancellationToken);
                process.Kill();
                await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            }

            var now = await DumpFiles.SummarizeAsync(target);
            Assert.True(DumpComparison.Of(damaged, now).AreEqual || (mode != RestoreMode.Into && DumpComparison.Of(whole, now).AreEqual));
            if (mode == RestoreMode.Into && await server.SocketUrl.AskAsync<bool>($"select exists (select from pg_database where datname = '{restored.Database}')"))
                Assert.True(DumpComparison.Of(whole, await DumpFiles.SummarizeAsync(restored)).AreEqual);
        }

        // The next job of any kind finds what was left, once the server has noticed that we are gone.
        await LockIsFreeAsync(target);
        await world.BackUpAsync(target);
        Assert.Empty(await RestoreWorld.LeftoversAsync(target));
    }

    private static DatabaseUrl Copy(DatabaseUrl target) => target.WithDatabase(target.Database + "_copy");

    private static Process Start(RestoreWorld world, DatabaseUrl target, RestoreMode mode)
    {
        string[] how = mode switch { RestoreMode.InPlace => ["--mode", "in-place", "--clean"], RestoreMode.Into => ["--into", Copy(target).Database], _ => [] };
        var line = CommandProcess.Line(["restore", "--latest", "--skip-backup", .. how]);
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["DATABASE_URL"] = target.ToString();
        start.Environment["BACKUP_DIR"] = world.Store.Location;
        start.Environment["BACKUP_STORE"] = "local";
        start.Environment["DEEPSIGHT_HOME"] = Clone.Root;
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task LockIsFreeAsync(DatabaseUrl target)
    {
        while (await target.AskAsync<long>("select count(*) from pg_stat_activity where application_name like 'deepsight restore%'") > 0)
            await Task.Delay(50, TestContext.Current.CancellationToken);
    }
}
