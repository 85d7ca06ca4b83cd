using System.Collections.Concurrent;
using DeepSight.Core.Restore;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Restore;

public sealed class PreRestoreProgressTests(PostgresServers servers)
{
    [Fact]
    public async Task The_backup_before_a_restore_tells_how_far_it_is()
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, "create table t as select n, md5(n::text) from generate_series(1, 20000) n");
        await world.BackUpAsync(target);
        var seen = new Recorder();

        await world.RestoreAsync(world.Over(target, new RestoreOptions()), progress: seen);

        var backingUp = seen.Reports.Where(report => report.Phase == RestorePhase.BackingUp).ToList();
        Assert.Contains(backingUp, report => report.SqlBytes > 20_000 * 32 && report.StoredBytes > 0);
        Assert.Equal(backingUp.Select(report => report.SqlBytes).Order(), backingUp.Select(report => report.SqlBytes));
    }

    private sealed class Recorder : IProgress<RestoreProgress>
    {
        public ConcurrentQueue<RestoreProgress> Reports { get; } = [];

        public void Report(RestoreProgress value) => Reports.Enqueue(value);
    }
}
