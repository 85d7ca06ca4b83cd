using System.Diagnostics;
using System.Globalization;
using System.Text;
using DeepSight.Core;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Restore;
using DeepSight.Tests.Cli;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Restore;

/// <summary>psql or the whole server is killed while a dump is being loaded: the target is as before, and the next job clears up.</summary>
public sealed class InterruptedRestoreTests(PostgresServers servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(RestoreJobTests.Modes), MemberType = typeof(RestoreJobTests))]
    public async Task Psql_killed_alone_leaves_the_target_as_it_was(RestoreMode mode)
    {
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);

        await AssertUnchangedAsync(target, mode, async () => Kill(PsqlFor(await LoadingAsync(target))));
    }

    [Theory]
    [MemberData(nameof(RestoreJobTests.Modes), MemberType = typeof(RestoreJobTests))]
    public async Task A_server_that_crashes_leaves_the_target_as_it_was(RestoreMode mode)
    {
        await using var server = await PostgresServers.StartAnotherAsync(17);
        await server.Url.ExecuteAsync("create database victim");
        var target = server.Url.WithDatabase("victim");
        await target.ExecuteAsync(DumpFiles.Sample);

        // A backend that dies by SIGKILL brings the whole server down: every session ends, and it recovers from its log.
        await AssertUnchangedAsync(target, mode, async () =>
        {
            await LoadingAsync(target);
            Kill(await target.WithDatabase("postgres").AskAsync<int>($"select pid from pg_stat_activity where {IsLoading(target)}"));
        });
    }

    private static async Task AssertUnchangedAsync(DatabaseUrl target, RestoreMode mode, Func<Task> kill)
    {
        using var world = new RestoreWorld();
        var source = await DumpFiles.FileAsync(DumpFiles.Gzip(Slow(await DumpFiles.MakeAsync(target))));
        await target.ExecuteAsync("delete from videos where id > 10");
        // A sequence is logged ahead, and goes on from there after a crash; from a checkpoint it goes on where it was.
        await target.ExecuteAsync("checkpoint");
        var before = await DumpFiles.SummarizeAsync(target);

        var restoring = world.RestoreAsync(world.Over(target, source, RestoreJobTests.Options(mode, target)));
        var killing = kill();
        if (await Task.WhenAny(killing, restoring) == killing) await killing;
        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => restoring);

        Assert.Equal(FailureKind.Failed, thrown.Kind);
        await AnswersAsync(target);
        Assert.Equal([], DumpComparison.Of(before, await DumpFiles.SummarizeAsync(target)).Differences);
        await world.BackUpAsync(target);
        Assert.Empty(await RestoreWorld.LeftoversAsync(target));
        Assert.Equal(0, await target.AskAsync<long>($"select count(*) from pg_database where datname = '{target.Database}_copy'"));
    }

    /// <summary>Everything is loaded when it gets to the pause, which outlasts the test.</summary>
    private static byte[] Slow(byte[] sql)
    {
        var text = Encoding.UTF8.GetString(sql);
        return Encoding.UTF8.GetBytes(text.Insert(text.LastIndexOf("--\n-- PostgreSQL database dump complete", StringComparison.Ordinal), """
            CREATE MATERIALIZED VIEW public."pg_sleep(600)" AS SELECT 1 AS a FROM pg_catalog.pg_sleep(600) WITH NO DATA;
            REFRESH MATERIALIZED VIEW public."pg_sleep(600)";


            """));
    }

    private static string IsLoading(DatabaseUrl target) => $"datname like '{target.Database}%' and query like '%pg_sleep(600)%' and state = 'active' and pid <> pg_backend_pid()";

    /// <summary>The database that is being loaded, once the load is in its pause.</summary>
    private static async Task<string> LoadingAsync(DatabaseUrl target)
    {
        await using var connection = await target.WithDatabase("postgres").OpenAsync();
        while (true)
        {
            var database = await connection.AskAsync<string>($"select coalesce(max(datname), '')::text from pg_stat_activity where {IsLoading(target)}");
            if (database.Length > 0) return database;
            await Task.Delay(20, Cancel);
        }
    }

    /// <summary>Of our own processes, by its environment: a client's process id is nothing the server knows.</summary>
    private static int PsqlFor(string database) =>
        ProcessTable.Descendants(Environment.ProcessId).Select(process => process.Id)
            .Single(id => id != Environment.ProcessId && EnvironmentOf(id).Contains($"PGDATABASE={database}\0", StringComparison.Ordinal));

    /// <summary>Empty for one that has ended meanwhile.</summary>
    private static string EnvironmentOf(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/environ");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static void Kill(int id)
    {
        using var kill = Process.Start("kill", ["-KILL", id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private static async Task AnswersAsync(DatabaseUrl target)
    {
        while (true)
        {
            try
            {
                await target.AskAsync<int>("select 1");
                return;
            }
            catch (DeepSightException) when (!Cancel.IsCancellationRequested)
            {
                // Still recovering.
                await Task.Delay(50, Cancel);
            }
        }
    }
}
