using DeepSight.Core;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Restore;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Restore;

/// <summary>The whole server is killed, or has no disk left: the target is as before, and the next job clears up.</summary>
public sealed class ServerCrashTests
{
    public static TheoryData<RestoreMode> Modes => RestoreJobTests.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_postmaster_killed_in_mid_load_leaves_the_target_as_it_was(RestoreMode mode)
    {
        await using var server = await CrashableServer.StartAsync(17);
        using var world = new RestoreWorld();
        var (target, dump, _, before) = await PrepareAsync(server);
        var source = await DumpFiles.FileAsync(DumpFiles.Gzip(dump.Sql));

        var restoring = world.RestoreAsync(world.Over(target, source, RestoreJobTests.Options(mode, target)));
        await dump.ReachedAsync();
        await server.KillAsync();
        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => restoring);
        await server.StartAgainAsync();

        Assert.Equal(FailureKind.Failed, thrown.Kind);
        Assert.NotNull(thrown.Hint);
        await AssertAsBeforeAsync(world, target, before);
    }

    /// <summary>Both rename alike, and each waits for a minute for its server.</summary>
    public static TheoryData<RestoreMode> Renaming => Matrix.IsFull ? [RestoreMode.Swap, RestoreMode.Into] : [RestoreMode.Swap];

    [Theory]
    [Trait(Matrix.Runs, Matrix.Full)]
    [MemberData(nameof(Renaming))]
    public async Task A_postmaster_killed_in_mid_rename_leaves_the_target_as_it_was(RestoreMode mode)
    {
        await using var server = await CrashableServer.StartAsync(17);
        using var world = new RestoreWorld();
        var (target, dump, whole, before) = await PrepareAsync(server);
        var source = await DumpFiles.FileAsync(DumpFiles.Gzip(dump.Sql));

        var restoring = world.RestoreAsync(world.Over(target, source, RestoreJobTests.Options(mode, target)));
        await dump.ReachedAsync();
        // Renamed, it waits for the row of the new database's comment.
        await using (var holder = await server.Url.OpenAsync())
        {
            await holder.ExecuteAsync("begin; select from pg_shdescription for update");
            await dump.EndAsync();
            await Eventually.HoldsAsync(async () => await server.Url.AskAsync<long>("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like 'COMMENT ON DATABASE%'") > 0,
                () => "It did not get to its rename.");
            await server.KillAsync();
        }

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => restoring);
        await server.StartAgainAsync();

        Assert.Equal(FailureKind.Failed, thrown.Kind);
        await AssertAsBeforeAsync(world, target, before);
        await world.RestoreAsync(world.Over(target, source, RestoreJobTests.Options(mode, target)));
        Assert.Equal([], DumpComparison.Of(whole, await DumpFiles.SummarizeAsync(mode == RestoreMode.Into ? target.WithDatabase(target.Database + "_copy") : target)).Differences);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_disk_that_fills_in_mid_load_leaves_the_target_as_it_was(RestoreMode mode)
    {
        await using var server = await CrashableServer.StartAsync(17, smallDisk: "36m");
        using var world = new RestoreWorld();
        await server.Url.ExecuteAsync($"create tablespace small location '{server.SmallDisk}'");
        await server.Url.ExecuteAsync("create database app tablespace small");
        var target = server.Url.WithDatabase("app");
        await target.ExecuteAsync(DumpFiles.Sample + "create table filler as select n, repeat(md5(n::text), 30) as text from generate_series(1, 16000) n");
        await world.BackUpAsync(target);
        await target.ExecuteAsync("delete from videos where id > 10; checkpoint");
        var before = await DumpFiles.SummarizeAsync(target);

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(target, RestoreJobTests.Options(mode, target))));

        Assert.True(thrown.Kind == FailureKind.Failed && thrown.Message.Contains("No space left on device", StringComparison.Ordinal), thrown.Message);
        Assert.Contains("disk is full", thrown.Hint);
        await AssertAsBeforeAsync(world, target, before);
    }

    private static async Task<(DatabaseUrl Target, PausedDump Dump, DumpSummary Whole, DumpSummary Before)> PrepareAsync(CrashableServer server)
    {
        await server.Url.ExecuteAsync("create database app");
        var target = server.Url.WithDatabase("app");
        await target.ExecuteAsync(DumpFiles.Sample);
        var dump = await PausedDump.OfAsync(target);
        var whole = await DumpFiles.SummarizeAsync(target);
        // A sequence is logged ahead, and goes on from there after a crash; from a checkpoint it goes on where it was.
        await target.ExecuteAsync("delete from videos where id > 10; checkpoint");
        return (target, dump, whole, await DumpFiles.SummarizeAsync(target));
    }

    private static async Task AssertAsBeforeAsync(RestoreWorld world, DatabaseUrl target, DumpSummary before)
    {
        Assert.Equal([], DumpComparison.Of(before, await DumpFiles.SummarizeAsync(target)).Differences);
        await world.BackUpAsync(target);
        Assert.Empty(await RestoreWorld.LeftoversAsync(target));
        Assert.Equal(0, await target.AskAsync<long>($"select count(*) from pg_database where datname = '{target.Database}_copy'"));
    }
}
