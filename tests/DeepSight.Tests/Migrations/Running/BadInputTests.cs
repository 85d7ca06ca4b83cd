using System.Text;
using DeepSight.Core;
using DeepSight.Core.Migrations;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Migrations.Running;

public sealed class BadInputTests(PostgresServers servers)
{
    [Theory]
    [InlineData("begin; select 1; commit;", "line 1: a script does not begin or end transactions itself", "one transaction")]
    [InlineData("select 1;\ncreate index concurrently i on t (id);", "line 2: CREATE INDEX CONCURRENTLY can't run in a transaction", "transaction: off")]
    [InlineData("vacuum t;", "line 1: VACUUM can't run in a transaction", "transaction: off")]
    [InlineData("-- transaction: off\nselect 1;\nselect 2;", "line 3: a script with `-- transaction: off` holds one statement", "of its own")]
    [InlineData("-- transaction: off\ncreate index concurrently on t (id);", "line 2: an index built CONCURRENTLY needs a name", "name it")]
    [InlineData("select 'open;", "line 1: a quoted string begins here and never ends", "Close it")]
    [InlineData("select 1;\ncopy t to stdout;", "line 2: COPY … TO stdout can't be run here", "psql's")]
    [InlineData("select 1,\n $1;", "line 1: there is no parameter $1", "quotes")]
    [InlineData("insert into alembic_version values ('1');", "line 1: it writes alembic_version", "leave the statement out")]
    [InlineData("\\connect other", @"line 1: psql's command \connect can't be run here", "configured database")]
    public async Task A_script_that_cannot_be_run_as_it_is_stops_the_run_before_the_first(string sql, string message, string hint)
    {
        using var scripts = new ScriptsOnDisk(("up/0001_a.sql", "create table t (id int);"), ("up/0002_b.sql", sql));
        var database = await servers.NewDatabaseAsync(17);

        var refused = await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database));

        Assert.Equal(FailureKind.InvalidInput, refused.Kind);
        Assert.Contains("up/0002_b.sql, " + message, refused.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(hint, refused.Hint, StringComparison.OrdinalIgnoreCase);
        await NothingIsThereAsync(database);
    }

    [Fact]
    public async Task What_only_the_server_knows_to_refuse_a_transaction_gets_that_hint()
    {
        using var scripts = new ScriptsOnDisk();
        var database = await servers.NewDatabaseAsync(17, "create table p (i int) partition by list (i)");
        foreach (var sql in (string[])["reindex table p;", "do $$ begin commit; end $$;"])
        {
            scripts.Write("up/0001_a.sql", sql);
            var failed = await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database));
            Assert.Contains("with `-- transaction: off` at the top. Nothing of it was kept", failed.Hint, StringComparison.Ordinal);
        }

        scripts.Write("up/0001_a.sql", "set transaction isolation level serializable;");
        Assert.DoesNotContain("off", (await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database))).Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ffff", "No such revision or branch 'ffff'")]
    [InlineData("head", "Multiple heads are present for 'head': 0002_b (up/0002_b.sql), 0003_c (up/0003_c.sql)")]
    [InlineData("+9", "Ambiguous walk")]
    public async Task A_target_that_is_none_touches_nothing(string target, string message)
    {
        using var scripts = new ScriptsOnDisk(("up/0001_a.sql", "select 1;"), ("up/0002_b.sql", "select 1;"), ("up/0003_c.sql", "-- down_revision: 0001_a\nselect 1;"));
        var database = await servers.NewDatabaseAsync(17);

        var refused = await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database, target));

        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        await NothingIsThereAsync(database);
    }

    [Fact]
    public async Task A_file_changed_after_it_was_applied_is_drift()
    {
        var (scripts, database) = await AppliedAsync();
        using var _ = scripts;
        scripts.Write("up/0001_a.sql", "create table a (id bigint);").Write("up/0003_c.sql", "create table c (id int);");

        var refused = await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database));
        Assert.Equal(FailureKind.Refused, refused.Kind);
        Assert.Contains("up/0001_a.sql changed after it was applied", refused.Message, StringComparison.Ordinal);
        Assert.False(await database.AskAsync<bool>("select to_regclass('c') is not null"));

        var allowed = await scripts.UpAsync(database, allowDrift: true);
        Assert.Equal("0003_c", ScriptsOnDisk.Names(allowed));
        Assert.Equal(["up/0001_a.sql changed after it was applied (allowed)."], allowed.Notes);
    }

    [Fact]
    public async Task A_file_renamed_after_it_was_applied_is_known_by_its_text()
    {
        var (scripts, database) = await AppliedAsync();
        using var _ = scripts;
        scripts.Delete("up/0002_b.sql");
        scripts.Write("up/0002_better_name.sql", "create table b (id int);");

        var refused = await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database));
        Assert.Contains("up/0002_better_name.sql was applied as 0002_b.sql", refused.Message, StringComparison.Ordinal);

        Assert.Empty((await scripts.UpAsync(database, allowDrift: true)).Scripts);
        Assert.False((await scripts.StateAsync(database)).HasDrift);
        Assert.Equal("0002_better_name", (await scripts.StateAsync(database)).CurrentRevision);
    }

    [Fact]
    public async Task A_file_deleted_after_it_was_applied_is_missed()
    {
        var (scripts, database) = await AppliedAsync();
        using var _ = scripts;
        scripts.Delete("up/0001_a.sql");

        var refused = await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database));

        Assert.Contains("0001_a.sql was applied, and is in no file any more", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_may_only_read_can_look_but_not_migrate()
    {
        var (scripts, database) = await AppliedAsync();
        using var _ = scripts;
        var reader = $"reader_{Guid.NewGuid():n}";
        await database.ExecuteAsync($"create role {reader} login password 'pw'; grant usage on schema roundhouse to {reader}; grant select on all tables in schema roundhouse to {reader}");
        scripts.Write("up/0003_c.sql", "create table c (id int);");

        var state = await scripts.StateAsync(database with { User = reader, Password = "pw" });
        Assert.Equal("0002_b", state.CurrentRevision);
        Assert.Equal(["0003_c"], state.Pending.Select(revision => revision.Id));

        var empty = await servers.NewDatabaseAsync(17);
        var refused = await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(empty with { User = reader, Password = "pw" }));
        Assert.Contains($"'{reader}' may not keep the journal", refused.Message, StringComparison.Ordinal);
        var half = await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database with { User = reader, Password = "pw" }));
        Assert.Contains($"'{reader}' may not keep the journal", half.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_does_not_exist_is_named()
    {
        using var scripts = new ScriptsOnDisk(("up/0001_a.sql", "select 1;"));
        var database = (await servers.GetAsync(17)).Url.WithDatabase("not_there");

        var failed = await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database));

        Assert.Contains("there is no database 'not_there'", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_cut_in_the_middle_keeps_nothing_of_the_script()
    {
        using var scripts = new ScriptsOnDisk(
            ("up/0001_a.sql", "create table a (id int);"),
            ("up/0002_b.sql", "create table b (id int);\nselect pg_terminate_backend(pg_backend_pid());"));
        var database = await servers.NewDatabaseAsync(17);

        var failed = await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database));

        Assert.Contains("up/0002_b.sql", failed.Message, StringComparison.Ordinal);
        Assert.False(await database.AskAsync<bool>("select to_regclass('b') is not null"));
        scripts.Write("up/0002_b.sql", "create table b (id int);");
        Assert.Equal("0002_b", ScriptsOnDisk.Names(await scripts.UpAsync(database)));
    }

    [Fact]
    public async Task Byte_order_marks_line_ends_and_UTF_16_make_no_difference()
    {
        using var scripts = new ScriptsOnDisk(("up/0001_a.sql", "create table a (t text);\ninsert into a values ('ä');\n"));
        var database = await servers.NewDatabaseAsync(17);
        await scripts.UpAsync(database);

        foreach (var encoding in (Encoding[])[new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode])
        {
            var text = "create table a (t text);\r\ninsert into a values ('ä');\r\n";
            scripts.WriteBytes("up/0001_a.sql", [.. encoding.GetPreamble(), .. encoding.GetBytes(text)]);
            Assert.True((await scripts.StateAsync(database)).IsUpToDate);
        }

        scripts.WriteBytes("up/0001_a.sql", Encoding.Latin1.GetBytes("insert into a values ('ä');"));
        var refused = await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database));
        Assert.Equal("'up/0001_a.sql' is not readable as text: the byte at offset 23 is not UTF-8.", refused.Message);
    }

    [Fact]
    public async Task A_file_of_50_MB_is_applied()
    {
        var sql = new StringBuilder("create table big (id int, t text);\n");
        for (var i = 0; sql.Length < 50_000_000; i++)
            sql.Append(System.Globalization.CultureInfo.InvariantCulture, $"insert into big values ({i}, '{new string('x', 10_000)}');\n");
        using var scripts = new ScriptsOnDisk(("up/0001_big.sql", sql.ToString()));
        var database = await servers.NewDatabaseAsync(17);

        await scripts.UpAsync(database);

        Assert.InRange(await database.AskAsync<long>("select count(*) from big"), 4_900, 5_100);
        Assert.True((await scripts.StateAsync(database)).IsUpToDate);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_and_names_used_twice_are_refused()
    {
        using var scripts = new ScriptsOnDisk(("up/0001_a.sql", "select 1;"), ("views/0001_a.sql", "select 1;"));

        var twice = await Assert.ThrowsAsync<DeepSightException>(() => MigrationSources.LoadAsync(scripts.Effective, CancellationToken.None));
        using var alembics = new ScriptsOnDisk(("up/0001_a.sql", "-- Revision ID: a1\n-- Revises:\nselect 1;"));
        Assert.Contains("-- revision:", (await Assert.ThrowsAsync<DeepSightException>(() => MigrationSources.LoadAsync(alembics.Effective, CancellationToken.None))).Hint, StringComparison.Ordinal);
        var missing = await Assert.ThrowsAsync<DeepSightException>(() => MigrationSources.LoadAsync(new() { Directory = "/nowhere" }, CancellationToken.None));

        Assert.Contains("up/0001_a.sql, views/0001_a.sql", twice.Message, StringComparison.Ordinal);
        Assert.Contains("There is no folder '/nowhere'", missing.Message, StringComparison.Ordinal);
    }

    private async Task<(ScriptsOnDisk Scripts, Core.Postgres.DatabaseUrl Database)> AppliedAsync()
    {
        var scripts = new ScriptsOnDisk(("up/0001_a.sql", "create table a (id int);"), ("up/0002_b.sql", "create table b (id int);"));
        var database = await servers.NewDatabaseAsync(17);
        await scripts.UpAsync(database);
        return (scripts, database);
    }

    private static async Task NothingIsThereAsync(Core.Postgres.DatabaseUrl database) => Assert.Equal(0,
        await database.AskAsync<long>("select count(*) from pg_class c join pg_namespace n on n.oid = relnamespace where nspname !~ '^pg_|information_schema'"));
}
