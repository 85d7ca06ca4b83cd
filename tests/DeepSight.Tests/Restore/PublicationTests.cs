using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Restore;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Restore;

/// <summary>The moment at which a restored database takes the target's place, and the way back.</summary>
public sealed class PublicationTests(PostgresServers servers)
{
    private const string Attributes = "select datistemplate::text || datconnlimit || coalesce(datacl::text, '') from pg_database where datname = current_database()";

    /// <summary>The server hears COMMIT late, when the client has long lost its connection.</summary>
    [Theory]
    [InlineData(RestoreMode.Swap, false)]
    [InlineData(RestoreMode.InPlace, false)]
    [InlineData(RestoreMode.InPlace, true)]
    public async Task A_connection_that_is_lost_at_COMMIT_is_told_as_it_ended(RestoreMode mode, bool toleratesErrors)
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        await world.BackUpAsync(target);
        await target.ExecuteAsync("delete from videos");
        await using var relay = new TcpRelay(target.Port) { CutDelay = TimeSpan.FromSeconds(1.5) };
        var through = DatabaseUrl.Parse($"postgresql://{target.User}:{target.Password}@127.0.0.1:{relay.Port}/{target.Database}?sslmode=disable", "test");
        if (mode == RestoreMode.InPlace) relay.CutAt = toleratesErrors ? "COMMIT\0"u8.ToArray() : "COMMIT;"u8.ToArray();
        var arm = new OnProgress(progress =>
        {
            if (progress.Phase == RestorePhase.Publishing) relay.CutAt = "COMMIT"u8.ToArray();
        });

        var restored = false;
        try
        {
            await world.RestoreAsync(world.Over(through, RestoreJobTests.Options(mode, target)) with { TolerateErrors = toleratesErrors }, progress: arm);
            restored = true;
        }
        catch (DeepSightException e)
        {
            Assert.Equal(FailureKind.Failed, e.Kind);
        }

        Assert.True(relay.WasCut);
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        Assert.Equal(restored ? 3000 : 0, await target.AskAsync<long>("select count(*) from videos"));
        Assert.Empty(await RestoreWorld.LeftoversAsync(target));
    }

    [Fact]
    public async Task What_is_set_on_the_database_during_the_load_is_kept()
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        await target.ExecuteAsync($"alter database {target.Database} is_template true connection limit 88");
        await world.BackUpAsync(target);
        var once = 0;
        var change = new OnProgress(progress =>
        {
            if (progress.Phase == RestorePhase.Analyzing && Interlocked.Exchange(ref once, 1) == 0)
                target.ExecuteAsync($"revoke connect on database {target.Database} from public; alter database {target.Database} connection limit 99").GetAwaiter().GetResult();
        });

        await world.RestoreAsync(world.Over(target), progress: change);

        Assert.Equal((1, $"true99{{=T/{target.User},{target.User}=CTc/{target.User}}}"), (once, await target.AskAsync<string>(Attributes)));
    }

    [Fact]
    public async Task Undo_goes_back_by_one_restore_also_when_the_clock_was_wrong()
    {
        var clock = new ShiftedClock { Offset = TimeSpan.FromHours(3) };
        using var world = new RestoreWorld { Clock = clock };
        var target = await servers.NewDatabaseAsync(17, "create table t as select 1 as a");
        await world.BackUpAsync(target);
        await target.ExecuteAsync("update t set a = 2");
        await world.RestoreAsync(world.Over(target));
        clock.Offset = TimeSpan.Zero;
        await target.ExecuteAsync("update t set a = 3");
        await world.RestoreAsync(world.Over(target));

        await world.UndoAsync(target);

        Assert.Equal(3, await target.AskAsync<int>("select a from t"));
    }

    [Fact]
    public async Task A_role_that_is_made_by_somebody_else_meanwhile_is_no_failure()
    {
        using var world = new RestoreWorld();
        var role = "r" + Guid.NewGuid().ToString("n")[..8];
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        await target.ExecuteAsync($"create role {role}; grant select on videos to {role}");
        await world.BackUpAsync(target);
        await target.ExecuteAsync($"drop owned by {role}; drop role {role}");

        await world.RestoreAsync(world.Over(target, new RestoreOptions { Force = true, CreateMissingRoles = true }),
            approve: (plan, _) => plan.MissingRoles.Contains(role) ? target.ExecuteAsync($"create role {role}") : throw new InvalidOperationException());

        Assert.Equal(3000, await target.AskAsync<long>("select count(*) from videos"));
    }

    [Fact]
    public async Task A_server_without_a_free_connection_is_waited_for_when_all_is_loaded()
    {
        using var world = new RestoreWorld();
        await using var server = await PostgresServers.StartAnotherAsync(17, new Dictionary<string, string> { ["max_connections"] = "30", ["superuser_reserved_connections"] = "0" });
        await server.Url.ExecuteAsync("create database app");
        var target = server.Url.WithDatabase("app");
        await target.ExecuteAsync(DumpFiles.Sample);
        await world.BackUpAsync(target);
        var holders = new List<Npgsql.NpgsqlConnection>();
        var release = Task.CompletedTask;
        var fill = new OnProgress(progress =>
        {
            if (progress.Phase != RestorePhase.Publishing || holders.Count > 0) return;
            try
            {
                while (true) holders.Add(target.WithDatabase("postgres").OpenAsync().GetAwaiter().GetResult());
            }
            catch (DeepSightException)
            {
                release = ReleaseAsync();
            }
        });

        await world.RestoreAsync(world.Over(target), progress: fill);
        await release;

        Assert.NotEmpty(holders);
        Assert.Equal(3000, await target.AskAsync<long>("select count(*) from videos"));

        async Task ReleaseAsync()
        {
            await Task.Delay(TimeSpan.FromSeconds(2), CancellationToken.None);
            foreach (var holder in holders) await holder.DisposeAsync();
        }
    }

    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
    }
}
