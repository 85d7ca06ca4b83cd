using DeepSight.Core;
using DeepSight.Core.Migrations;
using DeepSight.Core.Migrations.Importing;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Tests.Cli;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Migrations.Importing;

/// <summary>Histories of Alembic's, run by Debian's Alembic, become files that give the same schema at every revision.</summary>
public sealed class AlembicImportTests(PostgresServers servers) : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly PostgresClients clients = new(new DatabaseSettings());

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static string History => Path.Combine(Clone.Root, "tests", "DeepSight.Tests", "Migrations", "Importing", "alembic");

    private string Migrations => Path.Combine(folder.Path, "migrations");

    /// <summary>The driver in the URL of the program's environment is the one that runs.</summary>
    public static TheoryData<string, int> Drivers => Matrix.IsFull
        ? new() { { "postgresql", 14 }, { "postgresql", 16 }, { "postgresql", 18 }, { "postgresql+psycopg", 18 } }
        : new() { { "postgresql", 18 } };

    public void Dispose()
    {
        clients.Dispose();
        folder.Dispose();
    }

    [Theory]
    [Trait(Matrix.Runs, Matrix.Full)]
    [MemberData(nameof(Drivers))]
    public async Task A_history_becomes_files_that_a_database_of_Alembics_is_adopted_with(string scheme, int major)
    {
        var database = await servers.NewDatabaseAsync(major);

        var imported = (await ImportAsync(database, History, scheme)).EndedWith(0);

        Assert.Equal(
            [
                "0001_users_and_their_moods", "0002_roles_with_rows", "0003_invoices_on_a_branch_of_their_own", "0004_invoices_know_the_role_that_pays",
                "0005_first_names_of_their_own", "0006_both_branches",
                "0007_a_column_and_two_indexes_built_while_peo_1", "0008_a_column_and_two_indexes_built_while_peo_2", "0009_a_column_and_two_indexes_built_while_peo_3",
                "0010_one_mood_more", "0011_made_where_it_is_missing", "0012_old_names_go_for_good", "0013_a_view_on_top",
            ], Names("up"));
        Assert.Equal(Names("up").Where(name => !name.StartsWith("0012", StringComparison.Ordinal)), Names("down"));
        Assert.Contains("13 revisions in ", imported.Output, StringComparison.Ordinal);
        Assert.Contains("Alembic can't undo c004: ", imported.Errors, StringComparison.Ordinal);

        Says("up/0003", "-- revision: b001\n-- down_revision: a001\n", "-- branch_label: billing\n");
        Says("up/0004", "-- depends_on: a002\n", "-- never null; 50% of them");
        Says("up/0006", "-- down_revision: a003, b002\n-- message: both branches\n");
        Says("up/0002", "SELECT setval(pg_get_serial_sequence('roles', 'id')", "100% :colon");
        Says("up/0005", "-- review: the revision may do something else where this query finds other rows than in the empty database of the import (0): SELECT id, full_name",
            "(1): SELECT count(*) FROM roles", "UPDATE roles SET name = upper(name);");
        Says("up/0007", "-- revision: c001.1\n-- down_revision: c000\n", "ALTER TABLE users ADD COLUMN city TEXT;");
        Says("up/0009", "-- revision: c001\n-- down_revision: c001.2\n", "-- transaction: off\n\nCREATE INDEX CONCURRENTLY ix_invoices_user");
        Says("down/0009", "-- transaction: off\n\nDROP INDEX CONCURRENTLY ix_invoices_user;");
        Says("up/0010", "-- transaction: off\n\nALTER TYPE mood ADD VALUE");
        Says("up/0011", "-- review: this failed, and the revision went on: DROP TABLE never_there", "VALUES ('rate', '5%')");
        Says("up/0012", "-- irreversible: ", "NotImplementedError: the names are gone");
        Assert.All(Directory.GetFiles(Migrations, "*.sql", SearchOption.AllDirectories), file => Assert.DoesNotContain("alembic_version", File.ReadAllText(file), StringComparison.Ordinal));

        await AdoptAsync(database);
    }

    /// <summary>The files run as migrations do; and a database that Alembic migrated is taken over with nothing to map.</summary>
    private async Task AdoptAsync(DatabaseUrl database)
    {
        (await RunAsync(database, "up")).EndedWith(0);
        Assert.True(await database.AskAsync<bool>("select array_agg(name order by id) = array[upper('admin''s'), upper('back\\slash; ünï'), '100% :COLON'] from roles"));
        (await RunAsync(database, "down", "c004")).EndedWith(0);

        var theirs = await servers.NewDatabaseAsync((await database.AskAsync<int>("select current_setting('server_version_num')::int")) / 10000,
            "create table alembic_version (version_num varchar(32) primary key); insert into alembic_version values ('c005');");
        (await RunAsync(theirs, "adopt-alembic")).EndedWith(0);
        Assert.Equal("c005", (await RunAsync(theirs, "current", "--json")).EndedWith(0).Json.GetProperty("current_revision").GetString());
    }

    [Fact]
    [Trait(Matrix.Runs, Matrix.Full)]
    public async Task What_can_not_be_imported_is_told_and_nothing_is_written()
    {
        var database = await servers.NewDatabaseAsync(18);
        var copy = Path.Combine(folder.Path, "project");
        var versions = Path.Combine(copy, "history", "versions");
        Directory.CreateDirectory(versions);
        foreach (var file in (string[])["alembic.ini", "history/env.py", "history/versions/a001_users.py"]) File.Copy(Path.Combine(History, file), Path.Combine(copy, file));

        await FailsAsync(FailureKind.InvalidInput, "holds neither alembic.ini nor env.py", folder.Path);
        await FailsAsync(FailureKind.InvalidInput, "There is no folder", Path.Combine(folder.Path, "nowhere"));
        await FailsAsync(FailureKind.InvalidInput, "There is no Python '/nowhere/python'", copy, "/nowhere/python");
        // Without its packages.
        var bare = Path.Combine(folder.Path, "python");
        await File.WriteAllTextAsync(bare, $"#!/bin/sh\nexec {await PythonAsync()} -S \"$@\"\n", Cancelled);
        File.SetUnixFileMode(bare, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await FailsAsync(FailureKind.InvalidInput, "can't import it: No module named 'alembic'", copy, bare);

        await RevisionAsync("down_revision = 'a001'\ndef upgrade(:\n");
        await FailsAsync(FailureKind.InvalidInput, "a002.py, line 3", copy);
        await RevisionAsync("down_revision = 'gone'\n");
        await FailsAsync(FailureKind.InvalidInput, "versions/a002.py: its down_revision 'gone' is in no file", copy);
        await RevisionAsync("down_revision = None\n", id: "a001");
        await FailsAsync(FailureKind.InvalidInput, "revision 'a001' is in more than one file: versions/a001_users.py, versions/a002.py", copy);
        await RevisionAsync("down_revision = 'a001'\nfrom alembic import op\ndef upgrade():\n    op.execute('select 1')\n    op.drop_table('not_there')\n");
        await FailsAsync(FailureKind.Failed, "Alembic's upgrade of a002 (versions/a002.py) failed: history/versions/a002.py, line 6: UndefinedTable", copy);
        // Past SQLAlchemy's statements.
        await RevisionAsync("down_revision = 'a001'\nfrom alembic import op\ndef upgrade():\n    op.execute('create table seen ()')\n    op.get_bind().connection.cursor().execute('create table unseen ()')\n");
        await FailsAsync(FailureKind.Failed, "table public.unseen is only by Alembic", copy);
        await File.WriteAllTextAsync(Path.Combine(copy, "history", "env.py"), "import psycopg2, sqlalchemy\nfrom alembic import context\n"
            + $"engine = sqlalchemy.create_engine('postgresql://', creator=lambda: psycopg2.connect('host={database.Host} port={database.Port} user={database.User} dbname={database.Database}'))\n"
            + "context.configure(connection=engine.connect())\ncontext.run_migrations()\n", Cancelled);
        await FailsAsync(FailureKind.Failed, "do not lead to the scratch database", copy);
        Assert.Equal(0L, await database.AskAsync<long>("select count(*) from pg_class where relnamespace = 'public'::regnamespace"));
        Assert.False(Directory.Exists(Migrations));

        Directory.CreateDirectory(Path.Combine(Migrations, "up"));
        (await ImportAsync(database, copy)).FailedWith(3, "is not empty. Nothing was written.", "MIGRATIONS_DIR");

        Task RevisionAsync(string text, string id = "a002") => File.WriteAllTextAsync(Path.Combine(versions, "a002.py"), $"revision = '{id}'\n{text}", Cancelled);

        async Task FailsAsync(FailureKind kind, string words, string path, string? python = null)
        {
            var import = new AlembicImport(new MigrationSettings { Directory = Migrations }, clients, TimeProvider.System);
            var program = python ?? await PythonAsync();
            var failure = await Assert.ThrowsAsync<DeepSightException>(() => import.RunAsync(AlembicSource.Find(path, program), database, null, Cancelled));
            Assert.Contains(words, failure.Message, StringComparison.Ordinal);
            Assert.Equal(kind, failure.Kind);
            Assert.NotNull(failure.Hint);
            Assert.DoesNotContain(database.Password!, failure.Message, StringComparison.Ordinal);
        }
    }

    private void Says(string file, params string[] words)
    {
        var path = Directory.GetFiles(Path.Combine(Migrations, Path.GetDirectoryName(file)!), Path.GetFileName(file) + "*").Single();
        Assert.All(words, word => Assert.Contains(word, File.ReadAllText(path), StringComparison.Ordinal));
    }

    private IEnumerable<string> Names(string way) => Directory.GetFiles(Path.Combine(Migrations, way)).Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal);

    private static async Task<string> PythonAsync() => Path.Combine(await Clone.BuiltAsync("local/alembic", "alembic"), "bin", "python3");

    private async Task<CommandResult> ImportAsync(DatabaseUrl database, string path, string scheme = "postgresql")
    {
        var settings = Settings(database);
        settings["DATABASE_URL"] = settings["DATABASE_URL"].Replace("postgresql", scheme, StringComparison.Ordinal);
        return await CommandProcess.RunAsync(settings, "migrate", "import-alembic", path, "--on-target", "--python", await PythonAsync());
    }

    private Task<CommandResult> RunAsync(DatabaseUrl database, params string[] arguments) => CommandProcess.RunAsync(Settings(database), ["migrate", .. arguments]);

    private Dictionary<string, string> Settings(DatabaseUrl database) => new()
    {
        ["DATABASE_URL"] = database.Whole(),
        ["MIGRATIONS_DIR"] = Migrations,
        ["BACKUP_DIR"] = Path.Combine(folder.Path, "backups"),
    };
}
