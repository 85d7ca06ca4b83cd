using System.Diagnostics;
using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Locking;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Postgres.Locking;

public sealed class JobLockTests(PostgresServers servers)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_two_jobs_the_second_is_told_who_is_at_work()
    {
        var database = await servers.NewDatabaseAsync(15);
        await using var first = await AcquireAsync(database, "backup");

        var failure = await Assert.ThrowsAsync<DeepSightException>(() => AcquireAsync(database, "restore"));

        Assert.Equal(FailureKind.Busy, failure.Kind);
        Assert.Matches(
            $@"^Another job is working on '{database.Display}': deepsight backup \([^)]+:\d+\), since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC, from 127\.0\.0\.1, as postgres\.$",
            failure.Message);
    }

    [Fact]
    public async Task The_holder_is_named_to_a_role_that_may_not_see_its_session()
    {
        var role = $"other_{GetHashCode():x}";
        var database = await servers.NewDatabaseAsync(15, $"create role {role} login password 'pw'");
        await using var first = await AcquireAsync(database, "backup");

        var failure = await Assert.ThrowsAsync<DeepSightException>(() => AcquireAsync(database with { User = role, Password = "pw" }, "restore"));

        Assert.Contains("deepsight backup (", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_waits_gets_the_lock_when_the_first_is_done()
    {
        var database = await servers.NewDatabaseAsync(15);
        var first = await AcquireAsync(database, "backup");

        var second = JobLock.AcquireAsync(database, "restore", TimeSpan.FromSeconds(30), TimeProvider.System, Cancelled);
        await Task.Delay(100, Cancelled);
        Assert.False(second.IsCompleted);
        await first.DisposeAsync();

        await using var held = await second;
        await held.EnsureStillHeldAsync(Cancelled);
    }

    [Fact]
    public async Task Waiting_ends_when_its_time_is_over()
    {
        var database = await servers.NewDatabaseAsync(15);
        await using var first = await AcquireAsync(database, "backup");

        var began = Stopwatch.GetTimestamp();
        await Assert.ThrowsAsync<DeepSightException>(() => JobLock.AcquireAsync(database, "restore", TimeSpan.FromSeconds(1), TimeProvider.System, Cancelled));

        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 1, 30);
    }

    [Fact]
    public async Task Waiting_can_be_cancelled()
    {
        var database = await servers.NewDatabaseAsync(15);
        await using var first = await AcquireAsync(database, "backup");
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            JobLock.AcquireAsync(database, "restore", TimeSpan.FromHours(1), TimeProvider.System, cancellation.Token));
    }

    [Fact]
    public async Task Jobs_on_two_databases_of_one_server_do_not_disturb_each_other()
    {
        await using var first = await AcquireAsync(await servers.NewDatabaseAsync(15), "backup");
        await using var second = await AcquireAsync(await servers.NewDatabaseAsync(15), "backup");

        await first.EnsureStillHeldAsync(Cancelled);
        await second.EnsureStillHeldAsync(Cancelled);
    }

    [Fact]
    public async Task The_lock_outlives_a_swap_of_the_target()
    {
        var database = await servers.NewDatabaseAsync(15);
        var other = await servers.NewDatabaseAsync(15);
        await using var held = await AcquireAsync(database, "restore");
        var admin = (await servers.GetAsync(15)).Url;

        await admin.ExecuteAsync($"alter database {database.Database} rename to {database.Database}__before");
        await admin.ExecuteAsync($"alter database {other.Database} rename to {database.Database}");

        Assert.True(held.SurvivesSwap);
        await Assert.ThrowsAsync<DeepSightException>(() => AcquireAsync(database, "backup"));
    }

    [Fact]
    public async Task Where_the_maintenance_database_is_closed_the_lock_is_taken_in_the_target()
    {
        // A server of its own: every other test needs the database postgres.
        await using var server = await PostgresServers.StartAnotherAsync(15);
        await server.Url.ExecuteAsync("create database shop");
        await server.Url.WithDatabase("shop").ExecuteAsync("alter database postgres allow_connections false");
        var database = server.Url.WithDatabase("shop");

        await using var held = await AcquireAsync(database, "backup");

        Assert.False(held.SurvivesSwap);
        await held.EnsureStillHeldAsync(Cancelled);
        Assert.Equal(FailureKind.Busy, (await Assert.ThrowsAsync<DeepSightException>(() => AcquireAsync(database, "restore"))).Kind);

        await database.ExecuteAsync("drop database postgres");
        Assert.Equal(FailureKind.Busy, (await Assert.ThrowsAsync<DeepSightException>(() => AcquireAsync(database, "restore"))).Kind);
    }

    [Fact]
    public async Task A_lock_whose_backend_was_terminated_is_lost_and_said_to_be()
    {
        var database = await servers.NewDatabaseAsync(15);
        await using var held = await AcquireAsync(database, "backup");
        await held.EnsureStillHeldAsync(Cancelled);

        await database.WithDatabase("postgres").ExecuteAsync(
            $"select pg_terminate_backend(l.pid, 5000) from pg_locks l where l.locktype = 'advisory' and l.objid = {(uint)JobLockKey.For(database.Database).Value}");

        var failure = await Assert.ThrowsAsync<DeepSightException>(() => held.EnsureStillHeldAsync(Cancelled));
        Assert.StartsWith($"The lock on '{database.Display}' was lost", failure.Message, StringComparison.Ordinal);
        await using var next = await AcquireAsync(database, "restore");
    }

    [Theory]
    [MemberData(nameof(PostgresServers.Majors), MemberType = typeof(PostgresServers))]
    public async Task No_timeout_of_the_server_ends_it_and_it_holds_no_snapshot(int major)
    {
        var database = await servers.NewDatabaseAsync(major);
        var role = $"hasty_{GetHashCode():x}";
        await database.ExecuteAsync(
            $"""
            create role {role} login superuser password 'pw';
            alter role {role} set idle_in_transaction_session_timeout = '1s';
            alter role {role} set statement_timeout = '1s';
            alter role {role} set default_transaction_isolation = 'serializable';
            """);
        if (major >= 17) await database.ExecuteAsync($"alter role {role} set transaction_timeout = '1s'");
        await using var held = await AcquireAsync(database with { User = role, Password = "pw" }, "backup");

        await Task.Delay(1800, Cancelled);

        await held.EnsureStillHeldAsync(Cancelled);
        Assert.Equal(0L, await database.AskAsync<long>($"select count(*) from pg_stat_activity where usename = '{role}' and (backend_xmin is not null or backend_xid is not null)"));
    }

    [Fact]
    public async Task The_lock_holds_through_a_pooler_in_transaction_mode()
    {
        var database = await servers.NewDatabaseAsync(15);
        await using var bouncer = await PgBouncer.StartAsync(await servers.GetAsync(15), database.Database, "transaction");
        await using var held = await AcquireAsync(bouncer.Url, "backup");

        await held.EnsureStillHeldAsync(Cancelled);
        await Assert.ThrowsAsync<DeepSightException>(() => AcquireAsync(database, "restore"));
    }

    [Fact]
    public async Task An_idle_holder_is_heard_from_so_that_no_firewall_forgets_it()
    {
        var builder = (await servers.NewDatabaseAsync(15)).ToNpgsql("deepsight keepalive test");
        Assert.InRange(builder.KeepAlive, 1, 60);

        builder.KeepAlive = 1;
        await using var connection = new Npgsql.NpgsqlConnection(builder.ConnectionString);
        await connection.OpenAsync(Cancelled);
        await connection.ExecuteAsync("begin");
        var admin = (await servers.GetAsync(15)).Url;
        const string lastHeard = "select state_change from pg_stat_activity where application_name = 'deepsight keepalive test'";
        var before = await admin.AskAsync<DateTime>(lastHeard);

        await Task.Delay(2500, Cancelled);

        Assert.True(await admin.AskAsync<DateTime>(lastHeard) > before, "an open transaction is kept alive as well");
    }

    [Fact]
    public async Task A_handle_covers_its_own_database_only()
    {
        var database = await servers.NewDatabaseAsync(15);
        await using var held = await AcquireAsync(database, "restore");

        held.RequireCovers(database);
        Assert.Throws<DeepSightException>(() => held.RequireCovers(database.WithDatabase("other")));
    }

    [Fact]
    public void The_key_never_changes() => Assert.Equal(-5088801526021824029, JobLockKey.For("shop").Value);

    private static Task<JobLock> AcquireAsync(DatabaseUrl database, string job) =>
        JobLock.AcquireAsync(database, job, TimeSpan.Zero, TimeProvider.System, Cancelled);
}
