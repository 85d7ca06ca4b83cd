using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Restore;
using DeepSight.Core.Retention;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Restore;

/// <summary>The way back after more than one restore, and what becomes of what is kept for it.</summary>
public sealed class UndoTests(PostgresServers servers)
{
    [Fact]
    public async Task What_was_restored_in_place_since_the_swap_is_told()
    {
        using var world = new RestoreWorld();
        var target = await TableAsync(world);
        await world.RestoreAsync(world.Over(target));
        var undoable = await world.UndoAsync(target);
        await world.UndoAsync(target);
        var manifest = await world.BackUpAsync(target);
        await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(RestoreMode.InPlace, target)));

        await world.UndoAsync(target);
        await world.RestoreAsync(world.Over(target));
        await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(RestoreMode.InPlace, target)));
        var undone = await world.UndoAsync(target);

        Assert.Null(undoable.Plan.Warning);
        Assert.Contains(manifest.Name, undone.Plan.Warning);
        Assert.Equal(2, await target.AskAsync<int>("select a from t"));
    }

    [Fact]
    public async Task Into_another_database_leaves_nothing_to_undo()
    {
        using var world = new RestoreWorld();
        var target = await TableAsync(world);
        await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(RestoreMode.Into, target)));

        Assert.Equal(FailureKind.NothingToDo, (await Assert.ThrowsAsync<DeepSightException>(() => world.UndoAsync(target))).Kind);
        await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(RestoreMode.InPlace, target)));
        Assert.Equal(FailureKind.NothingToDo, (await Assert.ThrowsAsync<DeepSightException>(() => world.UndoAsync(target))).Kind);
    }

    [Fact]
    public async Task A_slot_of_what_is_undone_is_dropped_where_that_is_asked_for()
    {
        using var world = new RestoreWorld();
        var target = await TableAsync(world);
        await world.RestoreAsync(world.Over(target));
        var slot = "s" + Guid.NewGuid().ToString("n")[..8];
        await target.ExecuteAsync($"select pg_create_logical_replication_slot('{slot}', 'pgoutput')");

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.UndoAsync(target));
        var undone = await world.UndoAsync(target, dropReplication: true);

        Assert.Equal((FailureKind.Refused, true), (thrown.Kind, thrown.Message.Contains(slot, StringComparison.Ordinal)));
        Assert.Contains(undone.Notes, note => note.Contains(slot, StringComparison.Ordinal));
        Assert.Equal((0, 2), (await target.AskAsync<long>($"select count(*) from pg_replication_slots where slot_name = '{slot}'"), await target.AskAsync<int>("select a from t")));
    }

    [Fact]
    public async Task A_slot_that_came_while_the_new_database_was_loaded_is_told()
    {
        using var world = new RestoreWorld();
        var target = await TableAsync(world);
        var slot = "s" + Guid.NewGuid().ToString("n")[..8];
        var once = 0;
        var come = new OnProgress(progress =>
        {
            if (progress.Phase == RestorePhase.Analyzing && Interlocked.Exchange(ref once, 1) == 0)
                target.ExecuteAsync($"select pg_create_logical_replication_slot('{slot}', 'pgoutput')").GetAwaiter().GetResult();
        });

        var result = await world.RestoreAsync(world.Over(target), progress: come);

        await target.ExecuteAsync($"select pg_drop_replication_slot('{slot}')");
        Assert.Contains(result.Notes, note => note.Contains(slot, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_somebody_renamed_to_keep_it_is_kept_and_what_was_brought_back_by_hand_is_no_previous_one()
    {
        using var world = new RestoreWorld();
        var target = await TableAsync(world);
        await target.ExecuteAsync($"comment on database {target.Database} is 'ours'");
        var (first, second) = ((await world.RestoreAsync(world.Over(target))).Plan.PreviousName, (await world.RestoreAsync(world.Over(target))).Plan.PreviousName);
        var server = target.WithDatabase("postgres");
        await server.ExecuteAsync($"alter database {second} rename to {target.Database}_mine");
        await server.ExecuteAsync($"alter database {target.Database} rename to {target.Database}_bad; alter database {first} rename to {target.Database}");

        var settings = new DatabaseSettings { Url = target.Whole() };
        var told = await new DatabaseCleanup(settings, 0, TimeProvider.System).RunAsync(dryRun: false, TestContext.Current.CancellationToken);

        Assert.DoesNotContain(told, line => line.Contains(target.Database, StringComparison.Ordinal));
        Assert.Equal(2, await target.AskAsync<int>("select a from t"));
        await world.RestoreAsync(world.Over(target));
        Assert.Equal("ours", await target.AskAsync<string>("select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()"));
        await world.UndoAsync(target);
        Assert.Equal(2, await target.AskAsync<int>("select a from t"));
    }

    [Fact]
    public async Task A_template_that_was_replaced_is_dropped_when_its_days_are_over()
    {
        using var world = new RestoreWorld();
        var target = await TableAsync(world);
        await target.ExecuteAsync($"alter database {target.Database} is_template true");
        var previous = (await world.RestoreAsync(world.Over(target))).Plan.PreviousName;

        var told = await new DatabaseCleanup(new DatabaseSettings { Url = target.Whole() }, 0, TimeProvider.System).RunAsync(dryRun: false, TestContext.Current.CancellationToken);

        Assert.Contains(told, line => line.StartsWith($"'{previous}' was dropped", StringComparison.Ordinal));
    }

    /// <summary>One row, 1 in the backup and 2 now.</summary>
    private async Task<DatabaseUrl> TableAsync(RestoreWorld world)
    {
        var target = await servers.NewDatabaseAsync(17, "create table t as select 1 as a");
        await world.BackUpAsync(target);
        await target.ExecuteAsync("update t set a = 2");
        return target;
    }
}
