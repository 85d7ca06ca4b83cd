using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Tests.Restore;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Backup;

/// <summary>A table that is truncated or rewritten between a dump's snapshot and its locks reads as empty in that snapshot.</summary>
public sealed class RewrittenTableTests(PostgresServers servers)
{
    private const int Rows = 500;

    /// <summary>With so many tables pg_dump takes a while from its snapshot to its locks.</summary>
    private const string Tables = "do $$ begin for i in 1..60 loop execute format('create table other_%s (id int primary key)', i); end loop; end $$; create table t (id int, round int); insert into t select n, 0 from generate_series(1, 500) n;";

    [Fact]
    public async Task A_table_that_is_truncated_and_filled_again_and_again_is_whole_in_every_backup()
    {
        using var world = new RestoreWorld();
        var database = await servers.NewDatabaseAsync(17, Tables);
        using var stop = new CancellationTokenSource();
        var loop = RefillAsync(database, TimeSpan.FromMilliseconds(400), stop.Token);
        try
        {
            var whole = 0;
            for (var backup = 0; backup < (Matrix.IsFull ? 200 : 20); backup++)
            {
                try
                {
                    var manifest = await world.BackUpAsync(database);
                    Assert.Equal(Rows, manifest.Tables.Single(table => table.Name == "public.t").Rows);
                    whole++;
                }
                catch (DeepSightException e) when (e.Message.StartsWith("public.t was truncated", StringComparison.Ordinal))
                {
                    // On a busy machine the way from the snapshot to the locks may be longer than the loop's pause, ten times.
                }

                foreach (var file in Directory.GetFiles(world.Store.Location, "*", SearchOption.AllDirectories)) File.Delete(file);
            }

            Assert.NotEqual(0, whole);
        }
        finally
        {
            await stop.CancelAsync();
            await loop;
        }
    }

    [Fact]
    public async Task A_backup_that_never_finds_a_table_still_fails_and_names_it()
    {
        using var world = new RestoreWorld();
        var database = await servers.NewDatabaseAsync(17, Tables);
        using var stop = new CancellationTokenSource();
        var loop = RefillAsync(database, TimeSpan.Zero, stop.Token);
        try
        {
            var failure = await Record.ExceptionAsync(() => world.BackUpAsync(database));

            // Once in a while one gets through, and then it is whole.
            if (failure is not null) Assert.Contains("public.t was truncated, rewritten or dropped", Assert.IsType<DeepSightException>(failure).Message, StringComparison.Ordinal);
            else Assert.Equal(Rows, (await world.Catalog.ReadManifestAsync((await world.Catalog.ListAsync(CancellationToken.None))[0].Name, CancellationToken.None))!.Tables.Single(table => table.Name == "public.t").Rows);
        }
        finally
        {
            await stop.CancelAsync();
            await loop;
        }
    }

    private static async Task RefillAsync(DatabaseUrl database, TimeSpan pause, CancellationToken stop)
    {
        await using var connection = await database.OpenAsync();
        for (var round = 1; !stop.IsCancellationRequested; round++)
        {
            await connection.ExecuteAsync($"begin; truncate t; insert into t select n, {round} from generate_series(1, {Rows}) n; commit");
            if (pause > TimeSpan.Zero) await Task.Delay(pause, stop).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }
}
