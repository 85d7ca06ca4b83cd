using DeepSight.Core.Postgres;
using DeepSight.Tests.Cli;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Migrations;

/// <summary>The verbs as someone types them, under Alembic's names as well: what they print, and their exit codes.</summary>
public sealed class MigrateCommandTests(PostgresServers servers) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Migrations => Path.Combine(folder.Path, "migrations");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_first_history_from_nothing_to_a_merge_and_back()
    {
        var database = await servers.NewDatabaseAsync(18);
        (await RunAsync(database, "up")).FailedWith(2, "There is no folder", "migrate new");

        var users = await NewAsync(database, "create table users (id int);", "drop table users;", "revision", "-m", "add users");
        Assert.Contains("1 revision: nothing found", (await RunAsync(database, "lint")).EndedWith(0).Output, StringComparison.Ordinal);
        Assert.Contains("A dry run: nothing was touched.", (await RunAsync(database, "upgrade", "head", "--dry-run")).EndedWith(0).Output, StringComparison.Ordinal);
        Assert.Contains($"pending   up/{Path.GetFileName(users.File)}", (await RunAsync(database, "check")).EndedWith(1).Output, StringComparison.Ordinal);
        Assert.Contains($"<base> → {users.Id}   1 script applied", (await RunAsync(database, "upgrade", "head")).EndedWith(0).Output, StringComparison.Ordinal);
        (await RunAsync(database, "check")).EndedWith(0);

        // Made within one second, each still sorts after the one it follows.
        var left = await NewAsync(database, "create table l (id int);", "drop table l;", "new", "left");
        (await RunAsync(database, "new", "right", "--head", users.Id)).FailedWith(2, "is not a head", "--splice");
        var right = await NewAsync(database, "create table r (id int);", "drop table r;", "new", "right", "--head", users.Id, "--splice", "--branch-label", "right");
        (await RunAsync(database, "up")).FailedWith(2, "Multiple heads are present", left.Id, right.Id, "merge heads");
        var merge = (await RunAsync(database, "merge", "heads", "-m", "join", "--json")).EndedWith(0).Json;
        (await RunAsync(database, "merge", "heads")).FailedWith(4, "There is one head", "join");
        var after = (await RunAsync(database, "new", "after", "--json")).EndedWith(0).Json;
        Assert.True(string.CompareOrdinal(after.GetProperty("up").GetString(), merge.GetProperty("up").GetString()) > 0);

        (await RunAsync(database, "up")).EndedWith(0);
        Assert.Equal(after.GetProperty("id").GetString(), (await RunAsync(database, "current", "--json")).EndedWith(0).Json.GetProperty("current_revision").GetString());
        (await RunAsync(database, "downgrade", "-1")).EndedWith(0);
        (await RunAsync(database, "downgrade", "-1")).FailedWith(2, "Ambiguous walk");
        (await RunAsync(database, "down", users.Id)).EndedWith(0);
        Assert.Contains("automatic migration is held since a down to ", (await RunAsync(database, "current")).EndedWith(0).Output, StringComparison.Ordinal);
        (await RunAsync(database, "up", right.Id)).EndedWith(0);
        Assert.True(await database.AskAsync<bool>("select to_regclass('r') is not null and to_regclass('l') is null"));
        Assert.DoesNotContain("held", (await RunAsync(database, "current")).EndedWith(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_schema_becomes_a_revision_that_leads_there_and_back()
    {
        var database = await servers.NewDatabaseAsync(18);
        Write("up/0001_a.sql", "create table a (id int primary key, old text); create view v as select id from a; comment on table a is 'of a';");
        Write("down/0001_a.sql", "drop view v; drop table a;");
        (await RunAsync(database, "up")).EndedWith(0);
        Assert.Contains("2 files in ", (await RunAsync(database, "schema", "pull")).EndedWith(0).Output, StringComparison.Ordinal);
        (await RunAsync(database, "schema", "pull")).FailedWith(3, "is not empty");
        (await RunAsync(database, "new", "nothing", "--autogenerate", "--on-target")).FailedWith(4, "is what the migrations make");

        var table = Path.Combine(folder.Path, "schema", "tables", "a.sql");
        await File.WriteAllTextAsync(table, (await File.ReadAllTextAsync(table, TestContext.Current.CancellationToken)).Replace("old text", "n int DEFAULT 1", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var bundled = new Dictionary<string, string> { ["DATABASE_URL"] = database.Whole(), ["MIGRATIONS_DIR"] = Migrations, ["DEEPSIGHT_HOME"] = Clone.Root };
        Assert.Contains("ALTER TABLE public.a ADD COLUMN n integer DEFAULT 1;", (await CommandProcess.RunAsync(bundled, "migrate", "diff")).EndedWith(1).Output, StringComparison.Ordinal);
        var written = (await RunAsync(database, "revision", "--autogenerate", "-m", "n", "--on-target", "--json")).EndedWith(0).Json.GetProperty("revisions")[0];
        Assert.Contains("-- hazards: deletes-data column public.a.old\n", await File.ReadAllTextAsync(written.GetProperty("up").GetString()!, TestContext.Current.CancellationToken), StringComparison.Ordinal);

        (await RunAsync(database, "up")).FailedWith(3, "Data would be deleted", "column public.a.old", "--allow-data-loss");
        Assert.Contains("  backup    deepsight_", (await RunAsync(database, "up", "--allow-data-loss")).EndedWith(0).Errors, StringComparison.Ordinal);
        (await RunAsync(database, "diff", "--on-target", "--from", database.Whole())).EndedWith(0);
        (await RunAsync(database, "check", "--on-target")).EndedWith(0);
        await database.ExecuteAsync("create table by_hand (id int)");
        Assert.Contains("database: table public.by_hand is only in the database", (await RunAsync(database, "check", "--on-target")).EndedWith(1).Output, StringComparison.Ordinal);
        Assert.Contains("DROP TABLE public.by_hand;", (await CommandProcess.RunAsync(bundled, "migrate", "diff", "--database", database.Whole())).EndedWith(1).Output, StringComparison.Ordinal);
        Assert.Contains("is what the database has", (await RunAsync(database, "diff", "--on-target", "--database", database.Whole(), "--exclude", "public.by_hand")).EndedWith(0).Output, StringComparison.Ordinal);
        await File.AppendAllTextAsync(table, "CREATE INDEX later ON public.a (n);", TestContext.Current.CancellationToken);
        var differences = (await RunAsync(database, "check", "--on-target", "--json")).EndedWith(1).Json.GetProperty("declared_differences");
        Assert.Equal("index public.later is only declared", Assert.Single(differences.EnumerateArray()).GetString());

        Assert.Contains("deleted data (deletes-data column public.a.old), and its down does not bring it back. It is in the backup deepsight_",
            (await RunAsync(database, "down", "-1")).EndedWith(0).Output, StringComparison.Ordinal);
        Assert.Equal("id,old", await database.AskAsync<string>("select string_agg(attname, ',' order by attname) from pg_attribute where attrelid = 'a'::regclass and attnum > 0 and not attisdropped"));
    }

    [Theory]
    [InlineData(true, 0, "1 script applied")]
    [InlineData(false, 3, "That is not its name. Nothing was changed.")]
    public async Task On_a_terminal_data_is_deleted_behind_the_name_of_the_database(bool typed, int exitCode, string words)
    {
        var database = await servers.NewDatabaseAsync(18);
        await database.ExecuteAsync("create table a (id int, old text)");
        Write("up/0001_a.sql", "-- hazards: deletes-data column public.a.old\nalter table a drop column old;");
        using var terminal = TerminalProcess.Start(Settings(database), "migrate", "up");

        await terminal.AnswerAsync("Type the database's name to go on: ", typed ? database.Database : "yes");

        Assert.True(await terminal.EndAsync() == exitCode, terminal.Screen);
        Assert.Contains("up/0001_a.sql: deletes-data column public.a.old", terminal.Screen, StringComparison.Ordinal);
        Assert.Contains(words, terminal.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_declared_schema_can_not_be_compared_with_is_told_first()
    {
        var database = await servers.NewDatabaseAsync(18);
        Write("up/0001_a.sql", "-- revision: a\n-- down_revision:\ncreate table a (id int);");
        var empty = Path.Combine(folder.Path, "empty.sql");
        await File.WriteAllTextAsync(empty, "-- nothing", TestContext.Current.CancellationToken);

        (await RunAsync(database, "new", "x", "--autogenerate", "--on-target", "--from", empty)).FailedWith(3, "everything would be dropped", "--allow-empty");
        var other = Settings(database);
        other["VERIFY_DATABASE_URL"] = (await servers.GetAsync(17)).Url.Whole();
        (await CommandProcess.RunAsync(other, "migrate", "diff", "--from", empty, "--any-major")).EndedWith(1);
        (await CommandProcess.RunAsync(other, "migrate", "diff", "--from", empty)).FailedWith(3, "is PostgreSQL 17", "--any-major");
        Write("up/0002_b.sql", "-- revision: b\n-- down_revision:\ncreate table b (id int);");
        (await RunAsync(database, "diff", "--on-target", "--from", empty)).FailedWith(2, "Multiple heads are present");
    }

    [Fact]
    public async Task A_backup_comes_first_only_if_there_is_something_to_apply()
    {
        var database = await servers.NewDatabaseAsync(18);
        Write("up/0001_a.sql", "create table a (id int);");

        Assert.Contains("  backup    deepsight_", (await RunAsync(database, "up", "--backup-first")).EndedWith(0).Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("  backup    ", (await RunAsync(database, "up", "--backup-first")).EndedWith(0).Errors, StringComparison.Ordinal);

        Assert.Single(Directory.GetFiles(Path.Combine(folder.Path, "backups"), "*.manifest.json"));
        Assert.Equal(3, Directory.GetFiles(Path.Combine(folder.Path, "backups", "runs"), "*.json", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task A_down_on_production_is_refused_before_it_is_contacted()
    {
        var production = new DatabaseUrl { Host = "monorail.proxy.rlwy.net", Port = 41234, Database = "app", User = "u", Password = "s3cret" };
        Write("up/0001_a.sql", "create table a (id int);");

        var refused = (await RunAsync(production, "down", "-1")).FailedWith(3, "is production", "was not contacted", "--confirm");

        Assert.DoesNotContain("s3cret", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_down_that_undoes_nothing_and_a_stamp_back_are_said()
    {
        var database = await servers.NewDatabaseAsync(18);
        Write("up/0001_a.sql", "create table a (id int);");
        Write("down/0001_a.sql", "-- later\n");
        (await RunAsync(database, "up")).EndedWith(0);

        Assert.Contains("down/0001_a.sql holds no statement: what up/0001_a.sql made is still there.", (await RunAsync(database, "down", "base", "--dry-run")).EndedWith(0).Output, StringComparison.Ordinal);

        (await RunAsync(database, "stamp", "base")).EndedWith(0);
        Assert.Contains("held since a stamp to base", (await RunAsync(database, "current")).EndedWith(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_looks_at_the_migrations_that_migrate_would_apply()
    {
        var clone = Directory.CreateDirectory(Path.Combine(folder.Path, "clone", "src", "DeepSight.Functions", "migrations", "up"));
        await File.WriteAllTextAsync(Path.Combine(clone.FullName, "0001_a.sql"), "-- revision: aaa1\ncreate table a (id int);", TestContext.Current.CancellationToken);
        var settings = new Dictionary<string, string> { ["DATABASE_URL"] = (await servers.NewDatabaseAsync(18)).Whole(), ["DEEPSIGHT_HOME"] = Path.Combine(folder.Path, "clone") };

        var migrations = (await CommandProcess.RunAsync(settings, "health")).EndedWith(0).Json.GetProperty("migrations");

        Assert.Equal(("aaa1", 1), (migrations.GetProperty("head_revision").GetString(), migrations.GetProperty("pending").GetInt32()));
    }

    [Fact]
    public async Task An_offline_script_names_what_it_leaves_out()
    {
        Write("up/0001_a.sql", "create table a (id int);");
        var alone = (await RunAsync(await servers.NewDatabaseAsync(18), "sql")).EndedWith(0).Output;
        Write("views/b.sql", "create or replace view b as select 1;");
        Write("permissions/c.sql", "grant select on a to public;");
        var beside = (await RunAsync(await servers.NewDatabaseAsync(18), "sql")).EndedWith(0).Output;

        Assert.DoesNotContain("not in here", alone, StringComparison.Ordinal);
        Assert.Contains("-- not in here: the scripts of the other folders (views/b.sql, permissions/c.sql); `deepsight migrate up` runs them", beside, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "There is no declared schema", "revision", "-m", "x", "--autogenerate", "--on-target")]
    [InlineData(2, "VERIFY_DATABASE_URL is not set", "diff", "--from", "-")]
    [InlineData(2, "needs a message", "new")]
    [InlineData(2, "No such revision", "up", "zzzz")]
    [InlineData(2, "No such revision", "show", "zzzz")]
    [InlineData(2, "didn't produce 9 migrations", "up", "+9")]
    [InlineData(2, "target", "down")]
    [InlineData(2, "There is no file", "adopt-alembic", "--map", "/nowhere")]
    [InlineData(4, "has no alembic_version", "adopt-alembic")]
    [InlineData(2, "is not a range", "sql", "a:b:c")]
    public async Task What_cannot_be_done_is_one_message_and_a_hint(int exitCode, string words, params string[] arguments)
    {
        Write("up/0001_a.sql", "create table a (id int);");

        (await RunAsync(await servers.NewDatabaseAsync(18), arguments)).FailedWith(exitCode, words);
    }

    private async Task<(string Id, string File)> NewAsync(DatabaseUrl database, string up, string down, params string[] arguments)
    {
        var written = (await RunAsync(database, [.. arguments, "--json"])).EndedWith(0).Json;
        await File.AppendAllTextAsync(written.GetProperty("up").GetString()!, up, TestContext.Current.CancellationToken);
        await File.AppendAllTextAsync(written.GetProperty("down").GetString()!, down, TestContext.Current.CancellationToken);
        return (written.GetProperty("id").GetString()!, written.GetProperty("up").GetString()!);
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(Migrations, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private Dictionary<string, string> Settings(DatabaseUrl database) => new()
    {
        ["DATABASE_URL"] = database.Whole(),
        ["MIGRATIONS_DIR"] = Migrations,
        ["BACKUP_DIR"] = Path.Combine(folder.Path, "backups"),
    };

    private Task<CommandResult> RunAsync(DatabaseUrl database, params string[] arguments) => CommandProcess.RunAsync(Settings(database), ["migrate", .. arguments]);
}
