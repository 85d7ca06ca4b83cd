using DeepSight.Core;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Migrations.Running;

/// <summary>What a statement with CONCURRENTLY leaves when it is cut off, made by hand in the catalogue.</summary>
public sealed class ConcurrentLeftoversTests(PostgresServers servers)
{
    [Theory]
    [MemberData(nameof(PostgresServers.Majors), MemberType = typeof(PostgresServers))]
    public async Task Indexes_that_a_reindex_left_are_dropped_and_a_detach_is_finished(int major)
    {
        using var scripts = new ScriptsOnDisk(
            ("up/0001.sql", "-- transaction: off\nreindex index concurrently t_i;"),
            ("up/0002.sql", "-- transaction: off\nreindex (verbose) table concurrently p;"),
            ("up/0003.sql", "-- transaction: off\nalter table if exists q detach partition q1 concurrently;"));
        var database = await servers.NewDatabaseAsync(major,
            """
            create table t (i int); create index t_i on t (i); create index t_i_ccnew on t (i); create index t_i_ccold1 on t (i);
            create table p (i int) partition by list (i); create table p1 partition of p for values in (1);
            create table q (i int) partition by list (i); create table q1 partition of q for values in (1);
            create index p_i on p (i); create index p1_ccnew on p1 (i); create table other (i int); create index other_ccnew on other (i);
            update pg_index set indisvalid = false where indexrelid::regclass::text ~ '_cc(new|old)';
            update pg_inherits set inhdetachpending = true where inhrelid = 'q1'::regclass;
            """);

        var result = await scripts.UpAsync(database);

        Assert.Equal("other_ccnew", await database.AskAsync<string>("select string_agg(indexrelid::regclass::text, ' ') from pg_index where not indisvalid"));
        Assert.False(await database.AskAsync<bool>("select exists (select from pg_inherits where inhparent = 'q'::regclass)"));
        Assert.Contains("up/0001.sql: the invalid index t_i_ccold1, left by a try that was cut off, was dropped.", result.Notes);
        Assert.Contains("up/0003.sql: the detach of q1, cut off in an earlier try, goes on with FINALIZE.", result.Notes);
        Assert.True((await scripts.StateAsync(database)).IsUpToDate);
    }

    [Fact]
    public async Task A_detach_that_was_cancelled_says_what_is_left_and_the_next_run_finishes_it()
    {
        using var scripts = new ScriptsOnDisk(("up/0001.sql", "-- transaction: off\nalter table p detach partition p1 concurrently;"));
        var database = await servers.NewDatabaseAsync(17, "create table p (i int) partition by list (i); create table p1 partition of p for values in (1)");
        await using var report = await database.OpenAsync();
        await report.ExecuteAsync("begin isolation level repeatable read; select count(*) from p");
        using var stop = new CancellationTokenSource();

        var run = scripts.Runner.UpAsync(database, new(), null, stop.Token);
        while (!await database.AskAsync<bool>("select exists (select from pg_inherits where inhdetachpending)")) await Task.Delay(20, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        var cancelled = await Assert.ThrowsAsync<CancelledMidwayException>(() => run);
        await report.ExecuteAsync("commit");
        await scripts.UpAsync(database);

        Assert.Equal("up/0001.sql: The partition is half detached, and the next run finishes that.", cancelled.Message);
        Assert.False(await database.AskAsync<bool>("select exists (select from pg_inherits where inhparent = 'p'::regclass)"));
    }
}
