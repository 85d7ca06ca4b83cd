using System.Text;
using DeepSight.Core;
using DeepSight.Core.Databases;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Postgres.Sql;
using DeepSight.Core.Restore.Loading;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Restore.Loading;

public sealed class DumpLoaderTests(PostgresServers servers)
{
    private static readonly int Cuts = Environment.GetEnvironmentVariable("DEEPSIGHT_TEST_FULL") == "1" ? 20 : 6;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sql")]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task A_dump_is_loaded_by_what_it_is_not_by_its_name(string format)
    {
        var origin = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        var sql = await DumpFiles.MakeAsync(origin);
        var content = format switch { "gzip" => DumpFiles.Gzip(sql), "zstd" => DumpFiles.Zstd(sql), _ => sql };
        var target = await servers.NewDatabaseAsync(17);

        var result = await LoadAsync(await FileAsync(content), target);

        Assert.Equal(5000, result.Summary.Rows);
        Assert.True(DumpComparison.Of(await DumpFiles.SummarizeAsync(origin), await DumpFiles.SummarizeAsync(target)).AreEqual);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_cut_anywhere_is_corrupt_and_a_single_transaction_leaves_nothing(bool compressed)
    {
        var sql = await DumpFiles.MakeAsync(await servers.NewDatabaseAsync(17, DumpFiles.Sample));
        var content = compressed ? DumpFiles.Gzip(sql) : sql;
        var end = compressed ? content.Length : sql.AsSpan().LastIndexOf("complete"u8);
        var target = await servers.NewDatabaseAsync(17);

        for (var i = 0; i < Cuts; i++)
        {
            var source = await FileAsync(content[..(i == Cuts - 1 ? end - 1 : end * i / (Cuts - 1))]);
            var thrown = await Assert.ThrowsAsync<DeepSightException>(() => LoadAsync(source, target));
            Assert.Equal(FailureKind.Corrupt, thrown.Kind);
        }

        Assert.Equal(0, await target.AskAsync<long>("select count(*) from pg_class where oid >= 16384 and relnamespace = 'public'::regnamespace"));
    }

    [Theory]
    [InlineData(@"\connect postgres", FailureKind.Refused)]
    [InlineData(@"\! touch /tmp/deepsight-was-here", FailureKind.Refused)]
    [InlineData(@"\copy users to '/tmp/deepsight-was-here'", FailureKind.Refused)]
    [InlineData("rollback;", FailureKind.Refused)]
    [InlineData("select 1;", FailureKind.Refused)]
    [InlineData("CREATE INDEX broken ON public.nowhere (id);", FailureKind.Failed)]
    public async Task What_does_not_belong_in_a_dump_ends_the_load(string line, FailureKind kind)
    {
        var sql = await DumpFiles.MakeAsync(await servers.NewDatabaseAsync(17, DumpFiles.Sample));
        var text = Encoding.UTF8.GetString(sql);
        var at = text.LastIndexOf("--\n-- PostgreSQL database dump complete", StringComparison.Ordinal);
        var target = await servers.NewDatabaseAsync(17);

        var thrown = await Assert.ThrowsAsync<DeepSightException>(async () => await LoadAsync(
            await FileAsync(Encoding.UTF8.GetBytes(text.Insert(at, line + "\n\n"))), target));

        Assert.Equal(kind, thrown.Kind);
        Assert.Equal(0, await target.AskAsync<long>("select (select count(*) from pg_class where relname = 'users') + (select count(*) from pg_largeobject_metadata)"));
    }

    [Theory]
    [InlineData(new byte[] { }, "empty")]
    [InlineData(new byte[] { 0x50, 0x4b, 3, 4, 0, 0 }, "zip")]
    [InlineData(new byte[] { 0x50, 0x47, 0x44, 0x4d, 0x50, 1, 15, 0 }, "pg_dump -Fc")]
    [InlineData(new byte[] { 1, 2, 3, 0, 200, 201 }, "neither")]
    public async Task What_is_no_dump_is_corrupt(byte[] content, string said)
    {
        var thrown = await Assert.ThrowsAsync<DeepSightException>(async () => await LoadAsync(await FileAsync(content), await servers.NewDatabaseAsync(17)));

        Assert.Equal(FailureKind.Corrupt, thrown.Kind);
        Assert.Contains(said, thrown.Message);
    }

    [Fact]
    public async Task What_pg_dumpall_made_is_named_at_once()
    {
        var thrown = await Assert.ThrowsAsync<DeepSightException>(async () => await LoadAsync(
            await FileAsync(DumpFiles.Gzip("--\n-- PostgreSQL database cluster dump\n--\n\n\\connect template1\n"u8.ToArray())), await servers.NewDatabaseAsync(17)));

        Assert.Equal(FailureKind.Corrupt, thrown.Kind);
        Assert.Contains("pg_dumpall", thrown.Message);
    }

    [Fact]
    public void What_was_left_out_is_one_line_a_kind_of_statement() => Assert.Equal(
        ["left out of the dump: CREATE EXTENSION citext, \"a b\" (2 times)", "left out of the dump: SET transaction_timeout", "left out of the dump: pg_attver"],
        LoadNotes.Of([new(@"\restrict", 1), new("CREATE EXTENSION citext", 1), new("SET transaction_timeout", 1), new("CREATE EXTENSION \"a b\"", 2), new("BEGIN", 1), new("pg_attver", 1)]));

    [Fact]
    public async Task What_is_checked_before_commit_can_still_undo_everything()
    {
        var source = await FileAsync(await DumpFiles.MakeAsync(await servers.NewDatabaseAsync(17, DumpFiles.Sample)));
        var target = await servers.NewDatabaseAsync(17);

        await Assert.ThrowsAsync<TimeoutException>(() => LoadAsync(source, target,
            new LoadOptions { SingleTransaction = true, BeforeCommit = _ => throw new TimeoutException() }));

        Assert.Equal(0, await target.AskAsync<long>("select count(*) from pg_class where relname = 'users'"));
    }

    [Fact]
    public async Task A_scratch_database_is_gone_when_it_is_disposed_and_when_its_maker_died()
    {
        var database = await servers.NewDatabaseAsync(17);
        string disposed;
        await using (var scratch = await ScratchDatabase.CreateAsync(database, database.Database, null, TimeProvider.System, Cancel))
        {
            disposed = scratch.Name;
            await using var connection = await database.OpenAsync();
            Assert.DoesNotContain(await AbandonedDatabases.DropAsync(connection, database, Cancel), line => line.Contains(scratch.Name));
            Assert.Equal(1, await CountAsync(scratch.Name));
        }

        Assert.Equal(0, await CountAsync(disposed));

        var left = DatabaseNames.Scratch("left", DatabaseNames.NewId());
        var foreign = DatabaseNames.Scratch("foreign", DatabaseNames.NewId());
        var marker = new DatabaseMarker { Deepsight = DatabaseMarker.Scratch, Database = "left", At = TimeProvider.System.GetUtcNow() };
        await database.ExecuteAsync($"create database {left}");
        await database.ExecuteAsync($"comment on database {left} is '{marker.ToComment()}'");
        await database.ExecuteAsync($"create database {foreign}");
        await database.WithDatabase(foreign).ExecuteAsync("create table precious (a int)");
        await using (var connection = await database.OpenAsync()) await AbandonedDatabases.DropAsync(connection, database, Cancel);
        Assert.Equal((0, 1), (await CountAsync(left), await CountAsync(foreign)));

        async Task<long> CountAsync(string name) => await database.AskAsync<long>($"select count(*) from pg_database where datname = '{name}'");
    }

    private static Task<DumpSource> FileAsync(byte[] content) => DumpFiles.FileAsync(content);

    private static async Task<LoadResult> LoadAsync(DumpSource source, DatabaseUrl target, LoadOptions? options = null)
    {
        using var clients = new PostgresClients(new DatabaseSettings());
        return await new DumpLoader(clients).LoadAsync(source, target, options ?? new LoadOptions { SingleTransaction = true }, null, Cancel);
    }
}
