using DeepSight.Core.Backup;
using DeepSight.Core.Dumps;
using DeepSight.Core.Restore;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Restore;

/// <summary>Words that psql counts and the server doesn't: a dump by pg_dump of a sound database that psql alone reads to its end as one statement.</summary>
public sealed class EndlessForPsqlTests(PostgresServers servers)
{
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_routine_whose_end_psql_does_not_see_is_backed_up_told_by_name_and_restored(int major)
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(major);
        foreach (var sql in new[]
        {
            "create table booking (id int primary key, begin timestamptz); create schema tx",
            "do $x$ begin execute 'create function first_begin() returns timestamptz language sql stable begin atomic select b.begin from booking b order by b.begin limit 1; end'; end $x$",
            "create function tx.begin() returns text language sql as 'select ''began''::text'",
            "create table later (id int); insert into later values (7)",
        }) await target.ExecuteAsync(sql);

        var backup = await world.Backups.RunAsync(new BackupRequest(target, BackupKind.Manual, [world.Store], "command"), null, TestContext.Current.CancellationToken);
        await target.ExecuteAsync("drop table later");
        var result = await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(RestoreMode.Swap, target)));

        Assert.Contains(backup.Warnings, warning => warning.Contains("public.first_begin, tx.begin", StringComparison.Ordinal));
        Assert.Equal(7, await target.WithDatabase(result.Plan.ResultName).AskAsync<int>("select id from later"));
        Assert.Equal("began", await target.AskAsync<string>("select tx.begin()"));
    }
}
