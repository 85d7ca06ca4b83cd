using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using DeepSight.Core;
using DeepSight.Core.Migrations;
using DeepSight.Core.Migrations.Journal;
using DeepSight.Core.Migrations.Running;
using DeepSight.Core.Postgres;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Migrations.Journal;

public sealed class AdoptionTests(PostgresServers servers)
{
    private static readonly Dictionary<string, string> NoMap = [];

    [Fact]
    public async Task A_database_of_Alembics_moves_over_without_running_anything()
    {
        using var scripts = History();
        var database = await AlembicsAsync("2b", "2c");

        var refused = await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database));
        Assert.Equal(FailureKind.Refused, refused.Kind);
        Assert.Contains("adopt-alembic", refused.Hint, StringComparison.Ordinal);
        Assert.Equal("2b,2c", (await scripts.StateAsync(database)).CurrentRevision);

        var adopted = await Stamp(scripts).AdoptAlembicAsync(database, NoMap, dryRun: false, null, CancellationToken.None);

        Assert.Equal(["1a", "2b", "2c"], adopted.Added);
        Assert.Equal("2b,2c", adopted.After);
        Assert.Equal("3d", ScriptsOnDisk.Names(await scripts.UpAsync(database)));
        Assert.Equal("2b 2c", await database.AskAsync<string>("select string_agg(version_num, ' ' order by 1) from alembic_version"));
        Assert.Equal("adopt adopt adopt alembic up", await database.AskAsync<string>("select string_agg(action, ' ' order by id) from roundhouse.revision_log"));
    }

    [Fact]
    public async Task What_is_pending_on_a_database_of_Alembics_is_counted_by_its_table_and_its_going_on_is_drift()
    {
        using var scripts = History();
        var database = await AlembicsAsync("2b", "2c");
        Assert.Equal(["3d"], (await scripts.StateAsync(database)).Pending.Select(revision => revision.Id));
        Assert.Equal(1, (await scripts.HealthAsync(database)).Pending);

        await Stamp(scripts).AdoptAlembicAsync(database, NoMap, dryRun: false, null, CancellationToken.None);
        await scripts.UpAsync(database);
        Assert.True((await scripts.StateAsync(database)).IsUpToDate);
        await database.ExecuteAsync("delete from alembic_version; insert into alembic_version values ('4e')");

        Assert.StartsWith("alembic_version says 4e, and said 2b,2c when it was taken over", Assert.Single((await scripts.StateAsync(database)).Drift), StringComparison.Ordinal);
        Assert.False((await scripts.HealthAsync(database)).IsUpToDate);
        Assert.Contains("stamp", (await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database))).Hint, StringComparison.Ordinal);
        await Stamp(scripts).StampAsync(database, new StampRequest(["heads"]), null, CancellationToken.None);
        Assert.True((await scripts.HealthAsync(database)).IsUpToDate);
    }

    [Fact]
    public async Task Names_that_differ_are_mapped_by_a_file()
    {
        using var scripts = History();
        var database = await AlembicsAsync("old42");
        var map = Path.Combine(scripts.Root, "map.txt");

        var unknown = await Assert.ThrowsAsync<DeepSightException>(() => Stamp(scripts).AdoptAlembicAsync(database, NoMap, false, null, CancellationToken.None));
        Assert.Equal("Alembic's old42 is no revision here.", unknown.Message);
        Assert.False((await scripts.StateAsync(database)).HasJournal);

        await File.WriteAllTextAsync(map, "# ours behind theirs\nold41 1a\nold42 = 2b # the branch\n", CancellationToken.None);
        var adopted = await Stamp(scripts).AdoptAlembicAsync(database, await AlembicMap.ReadAsync(map, CancellationToken.None), false, null, CancellationToken.None);
        Assert.Equal("2b", adopted.After);

        await File.WriteAllTextAsync(map, "old41 1a\nold42\n", CancellationToken.None);
        Assert.Contains("line 2", (await Assert.ThrowsAsync<DeepSightException>(() => AlembicMap.ReadAsync(map, CancellationToken.None))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stamp_changes_the_journal_and_runs_nothing()
    {
        using var scripts = History();
        var database = await servers.NewDatabaseAsync(17);

        var up = await Stamp(scripts).StampAsync(database, new StampRequest(["heads"]), null, CancellationToken.None);
        Assert.Equal(["1a", "2b", "2c", "3d"], up.Added);
        Assert.True((await scripts.StateAsync(database)).IsUpToDate);
        Assert.False(await database.AskAsync<bool>("select to_regclass('a') is not null"));

        var back = await Stamp(scripts).StampAsync(database, new StampRequest(["1a"]), null, CancellationToken.None);
        Assert.Equal(["2b", "2c", "3d"], back.Removed);
        Assert.Equal("1a", (await scripts.StateAsync(database)).CurrentRevision);
    }

    [Fact]
    public async Task Stamp_accepts_a_changed_file_and_purge_forgets_deleted_ones()
    {
        using var scripts = History();
        var database = await servers.NewDatabaseAsync(17);
        await scripts.UpAsync(database);
        scripts.Revision("0001_a", "revision: 1a; down_revision:", "create table a (id bigint);", "drop table a;");

        var renewed = await Stamp(scripts).StampAsync(database, new StampRequest(["heads"]), null, CancellationToken.None);
        Assert.Equal(["1a"], renewed.Renewed);
        Assert.False((await scripts.StateAsync(database)).HasDrift);

        await database.ExecuteAsync("update roundhouse.scriptsrun set script_name = '0000_gone.sql', text_hash = 'x' where script_name = '0002_b.sql'");
        Assert.Single((await scripts.StateAsync(database)).Unknown);
        await Stamp(scripts).StampAsync(database, new StampRequest(["heads"]) { Purge = true }, null, CancellationToken.None);
        Assert.True((await scripts.StateAsync(database)).IsUpToDate);
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    [InlineData("\r")]
    public async Task Hashes_of_older_RoundhousEs_without_normalised_line_ends_are_known(string lineEnd)
    {
        using var scripts = new ScriptsOnDisk(("up/0001_a.sql", "select 'a',\n 'b';\n"));
        var database = await servers.NewDatabaseAsync(17, RoundhousE.Tables("serial"));
        await RoundhousE.RunAsync(database, scripts);
        var old = Md5("select ''a'',\n ''b'';\n".Replace("\n", lineEnd, StringComparison.Ordinal));
        await database.ExecuteAsync($"update roundhouse.scriptsrun set text_hash = '{old}'");

        Assert.True((await scripts.StateAsync(database)).IsUpToDate);
    }

    [Fact]
    public async Task Two_journals_are_a_question_that_a_setting_answers()
    {
        using var scripts = new ScriptsOnDisk(("up/0001_a.sql", "create table a (id int);"));
        var database = await servers.NewDatabaseAsync(17, RoundhousE.Tables("serial") + RoundhousE.Tables("serial").Replace("roundhouse", "grate", StringComparison.Ordinal));

        var refused = await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database));
        Assert.Contains("'grate' and 'roundhouse'", refused.Message, StringComparison.Ordinal);

        scripts.Settings = new MigrationSettings { JournalSchema = "grate" };
        await scripts.UpAsync(database);
        Assert.Equal(1, await database.AskAsync<long>("select count(*) from grate.scriptsrun"));
    }

    [Fact]
    public async Task Nothing_is_migrated_unasked_that_is_not_clearly_ours()
    {
        using var scripts = History();
        var alembics = await AlembicsAsync("1a");
        Assert.StartsWith("Alembic manages", AutomaticMigration.Refusal(await scripts.StateAsync(alembics)), StringComparison.Ordinal);

        var database = await servers.NewDatabaseAsync(17);
        Assert.StartsWith("It was never migrated by us", AutomaticMigration.Refusal(await scripts.StateAsync(database)), StringComparison.Ordinal);
        await scripts.UpAsync(database);
        Assert.Null(AutomaticMigration.Refusal(await scripts.StateAsync(database)));

        await scripts.DownAsync(database, "2b");
        Assert.StartsWith("It is held since a down to 2b on ", AutomaticMigration.Refusal(await scripts.StateAsync(database)), StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<DeepSightException>(() =>
            scripts.Runner.UpAsync(database, new UpRequest { Automatic = true }, null, CancellationToken.None));
        Assert.Equal(FailureKind.Refused, refused.Kind);

        await scripts.UpAsync(database);
        Assert.Null(AutomaticMigration.Refusal(await scripts.StateAsync(database)));
        await using (var connection = await database.OpenAsync())
            await MigrationHold.SetAsync(connection, "a restore of x.sql.gz", CancellationToken.None);
        Assert.StartsWith("It is held since a restore of x.sql.gz on ", AutomaticMigration.Refusal(await scripts.StateAsync(database)), StringComparison.Ordinal);

        await scripts.UpAsync(database);
        await database.ExecuteAsync("update roundhouse.scriptsrun set script_name = 'unknown.sql', text_hash = 'x' where script_name = '0003_d.sql'");
        Assert.StartsWith("Its journal and the files disagree: unknown.sql", AutomaticMigration.Refusal(await scripts.StateAsync(database)), StringComparison.Ordinal);
    }

    [SuppressMessage("Security", "CA5351", Justification = "RoundhousE's hash.")]
    private static string Md5(string text) => Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes(text)));

    private static MigrationStamp Stamp(ScriptsOnDisk scripts) => new(scripts.Effective, TimeProvider.System);

    private static ScriptsOnDisk History() => new ScriptsOnDisk()
        .Revision("0001_a", "revision: 1a; down_revision:", "create table a (id int);", "drop table a;")
        .Revision("0002_b", "revision: 2b; down_revision: 1a", "create table b (id int);", "drop table b;")
        .Revision("0002_c", "revision: 2c; down_revision: 1a", "create table c (id int);", "drop table c;")
        .Revision("0003_d", "revision: 3d; down_revision: 2b, 2c", "create table d (id int);", "drop table d;");

    private Task<DatabaseUrl> AlembicsAsync(params string[] versions) => servers.NewDatabaseAsync(17,
        "create table alembic_version (version_num varchar(32) primary key);" + string.Concat(versions.Select(version => $"insert into alembic_version values ('{version}');")));
}
