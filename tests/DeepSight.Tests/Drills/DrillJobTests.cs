using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using DeepSight.Core;
using DeepSight.Core.Backup;
using DeepSight.Core.Catalog;
using DeepSight.Core.Drills;
using DeepSight.Core.Dumps;
using DeepSight.Core.Migrations;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Restore;
using DeepSight.Core.Runs;
using DeepSight.Core.Storage.Local;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeepSight.Tests.Drills;

public sealed class DrillJobTests : IDisposable
{
    private const string Content =
        """
        create table t (id int primary key, name text);
        insert into t select n, 'row ' || n from generate_series(1, 1000) n;
        create table other (id bigserial primary key, t int references t);
        insert into other (t) select n from generate_series(1, 50) n;
        """;

    private readonly string stem = $"drill_{Guid.NewGuid():n}"[..16];
    private readonly TemporaryFolder folder = new();
    private readonly PostgresServers servers;
    private readonly LocalBackupStore store;
    private readonly PostgresClients clients = new(new DatabaseSettings());
    private readonly RunJournal journal = new(TimeProvider.System, NullLogger<RunJournal>.Instance);

    public DrillJobTests(PostgresServers servers)
    {
        this.servers = servers;
        store = new LocalBackupStore(folder.Path, TimeProvider.System);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private BackupCatalog Catalog => new(store, stem);

    public void Dispose()
    {
        clients.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(18)]
    public async Task A_good_backup_is_restored_compared_and_proven_and_nothing_is_left_on_the_server(int major)
    {
        await BackUpAsync(major, Content);

        var result = await VerifyAsync(major);

        Assert.Equal((2, 1050), (result.Tables, result.Rows));
        Assert.True(result.RestoreSeconds > 0);
        var entry = Assert.Single(await Catalog.ListAsync(Cancelled));
        Assert.True(entry.HasDrill);
        Assert.Equal(result.FinishedAt, (await DrillResult.FindAsync(Catalog, entry, Cancelled))!.FinishedAt);
        Assert.Equal(0, await ScratchDatabasesAsync(major));
        var run = await LastRunAsync();
        Assert.Equal((RunStatus.Succeeded, entry.Name.ToString()), (run.Status, run.Backup));
    }

    [Fact]
    public async Task Another_major_without_the_roles_that_the_dump_names_will_do()
    {
        var role = $"drill_{Guid.NewGuid():n}";
        await BackUpAsync(15, $"create role {role}; {Content} alter table t enable row level security; create policy p on t to {role} using (true);");

        var result = await VerifyAsync(17);

        Assert.Contains(result.Notes, note => note.Contains("Only the tables", StringComparison.Ordinal));
        var server = await servers.GetAsync(17);
        Assert.Equal(0, await server.Url.AskAsync<long>($"select count(*) from pg_roles where rolname = '{role}'"));
    }

    [Theory]
    [InlineData("flipped byte")]
    [InlineData("swapped manifest")]
    [InlineData("missing row in the file")]
    [InlineData("changed value in the file")]
    [InlineData("missing table in the file")]
    [InlineData("missing row once restored")]
    [InlineData("changed value once restored")]
    [InlineData("missing table once restored")]
    public async Task A_drill_finds_a(string damage)
    {
        var manifest = await BackUpAsync(17, Content);
        await VerifyAsync(17);
        await DamageAsync(manifest, damage);

        var failure = await Assert.ThrowsAsync<DeepSightException>(() => VerifyAsync(17));

        Assert.Equal(FailureKind.Corrupt, failure.Kind);
        Assert.NotNull(failure.Hint);
        Assert.False((await Catalog.ListAsync(Cancelled)).Single(entry => entry.Name.ToString() == manifest.Name).HasDrill);
        Assert.Equal(0, await ScratchDatabasesAsync(17));
        var run = await LastRunAsync();
        Assert.Equal((RunStatus.Failed, (int)FailureKind.Corrupt), (run.Status, run.ExitCode));
        Assert.Equal(failure.Message, run.Error);
    }

    [Fact]
    public async Task A_check_of_the_file_alone_finds_a_flipped_byte_and_proves_nothing()
    {
        var manifest = await BackUpAsync(17, Content);
        var entry = (await Catalog.ListAsync(Cancelled))[0];

        Assert.Equal(1050, (await Job().CheckFileAsync(Request(entry), null, Cancelled)).Summary.Rows);
        Assert.False((await Catalog.ListAsync(Cancelled))[0].HasDrill);

        await DamageAsync(manifest, "flipped byte");
        var failure = await Assert.ThrowsAsync<DeepSightException>(() => Job().CheckFileAsync(Request(entry), null, Cancelled));
        Assert.Equal(FailureKind.Corrupt, failure.Kind);
    }

    [Fact]
    public async Task A_backup_of_the_old_tool_is_proven_by_its_trailer_and_its_restored_rows()
    {
        var manifest = await BackUpAsync(17, Content);
        await store.DeleteAsync([manifest.Name + BackupName.ManifestSuffix, manifest.Name + BackupName.AccessSuffix], Cancelled);

        Assert.Equal(1050, (await VerifyAsync(17)).Rows);
    }

    [Fact]
    public async Task A_drill_that_could_not_be_held_takes_no_proof_away()
    {
        await BackUpAsync(17, Content);
        await VerifyAsync(17);
        var server = (await servers.GetAsync(17)).Url;
        var role = $"drill_{Guid.NewGuid():n}";
        await server.ExecuteAsync($"create role {role} login password '{server.Password}'");

        var failure = await Assert.ThrowsAsync<DeepSightException>(() => VerifyAsync(server with { User = role }));

        Assert.Equal(FailureKind.Failed, failure.Kind);
        Assert.Contains("permission denied to create database", failure.Message, StringComparison.Ordinal);
        Assert.True((await Catalog.ListAsync(Cancelled))[0].HasDrill);
    }

    [Theory]
    [InlineData("create table e (until timestamptz, check (until > now())); insert into e values (now() + interval '2 seconds')", "select pg_sleep(2.1)", "NOT VALID")]
    [InlineData("create schema x; create function x.g() returns int language sql immutable as 'select 1'; create function f(int) returns int language plpgsql immutable as 'begin return g(); end'; set search_path = public, x; create table e (a int); create index on e (f(a)); insert into e values (1)", "select 1", "search path")]
    public async Task A_dump_that_any_server_refuses_loses_its_proof_and_is_told_the_cure(string content, string later, string cure)
    {
        var manifest = await BackUpAsync(17, content);
        var entry = (await Catalog.ListAsync(Cancelled))[^1];
        await store.ReplaceAsync(entry.Name.Verified, "{}"u8.ToArray(), Cancelled);
        await (await servers.GetAsync(17)).Url.ExecuteAsync(later);

        var failure = await Assert.ThrowsAsync<DeepSightException>(() => VerifyAsync(17));

        Assert.Equal(FailureKind.Corrupt, failure.Kind);
        Assert.Contains(cure, failure.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("LOCATION", failure.Message, StringComparison.Ordinal);
        Assert.False((await Catalog.ListAsync(Cancelled)).Single(backup => backup.Name.ToString() == manifest.Name).HasDrill);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_drill_and_a_database_made_anew_have_the_locale_of_the_one_that_was_backed_up(int major)
    {
        var server = (await servers.GetAsync(major)).Url;
        var database = server.WithDatabase($"icu_{Guid.NewGuid():n}");
        await server.ExecuteAsync($"create database {database.Database} template template0 encoding utf8 locale_provider icu icu_locale 'en-US'");
        await database.ExecuteAsync("create table n (n text) partition by range (n); create table n_am partition of n for values from ('a') to ('N'); insert into n values ('Beta')");
        var manifest = (await BackupJob().RunAsync(new BackupRequest(database, BackupKind.Manual, [store], "command"), null, Cancelled)).Manifest;

        Assert.Equal(("UTF8", "icu", "en-US"), (manifest.Locale!.Encoding, manifest.Locale.Provider, manifest.Locale.Locale));
        Assert.Empty((await VerifyAsync(major)).Notes);
    }

    [Fact]
    public async Task A_locale_that_the_drills_server_lacks_is_told_and_takes_no_proof_away()
    {
        var manifest = await BackUpAsync(17, Content);
        await store.ReplaceAsync(manifest.Name + BackupName.ManifestSuffix, Json.ToUtf8(manifest with { Locale = manifest.Locale! with { Collate = "xx_XX.UTF-8", Ctype = "xx_XX.UTF-8", Provider = "libc", Locale = null } }), Cancelled);

        Assert.Contains((await VerifyAsync(17)).Notes, note => note.Contains("can't make a database of the backup's locale (UTF8, libc xx_XX.UTF-8", StringComparison.Ordinal));
    }

    private async Task<BackupManifest> BackUpAsync(int major, string content)
    {
        var database = await servers.NewDatabaseAsync(major, content);
        return (await BackupJob().RunAsync(new BackupRequest(database, BackupKind.Manual, [store], "command"), null, Cancelled)).Manifest;
    }

    private async Task<DrillResult> VerifyAsync(int major) => await VerifyAsync(await servers.NewDrillRoleAsync(major));

    private async Task<DrillResult> VerifyAsync(DatabaseUrl server) =>
        await Job().RestoreAsync(Request((await Catalog.ListAsync(Cancelled))[^1]), server, null, Cancelled);

    private BackupJob BackupJob() => new(new BackupSettings { Name = stem }, new MigrationSettings(), clients, journal, TimeProvider.System);

    private DrillJob Job() => new(clients, new RestoreSettings(), journal, TimeProvider.System, NullLogger<DrillJob>.Instance);

    private DrillRequest Request(BackupEntry entry) => new(Catalog, entry, [store], "command");

    private async Task<RunRecord> LastRunAsync() =>
        (await new RunHistory(TimeProvider.System).ListAsync([store], 100, name => name.Job == "verify", Cancelled)).Runs.MaxBy(run => run.StartedAt)!;

    /// <summary>Those of this test: scratch databases begin with the stem.</summary>
    private async Task<long> ScratchDatabasesAsync(int major) =>
        await (await servers.GetAsync(major)).Url.AskAsync<long>($"select count(*) from pg_database where datname ~ '^{stem}__restore_'");

    private async Task DamageAsync(BackupManifest manifest, string damage)
    {
        var path = store.PathOf(manifest.Name);
        if (damage == "flipped byte")
        {
            var bytes = await File.ReadAllBytesAsync(path, Cancelled);
            bytes[bytes.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(path, bytes, Cancelled);
            return;
        }

        if (damage == "swapped manifest")
        {
            var other = await BackUpOtherAsync();
            var (mine, others) = (store.PathOf(manifest.Name + BackupName.ManifestSuffix), store.PathOf(other.Name + BackupName.ManifestSuffix));
            File.Move(mine, mine + "x");
            File.Move(others, mine);
            File.Move(mine + "x", others);
            return;
        }

        var sql = await UnzipAsync(path);
        var isInFile = damage.EndsWith("in the file", StringComparison.Ordinal);
        var changed = damage.Split(" in the ")[0].Split(" once ")[0] switch
        {
            "missing row" => isInFile ? sql.Replace("7\trow 7\n", "") : Append(sql, Run("DELETE FROM public.t WHERE id = 777")),
            "changed value" => isInFile ? sql.Replace("7\trow 7\n", "7\trow 8\n") : Append(sql, Run("UPDATE public.t SET name = 'changed' WHERE id = 7")),
            "missing table" => isInFile ? sql.Remove(sql.IndexOf("COPY public.other", StringComparison.Ordinal), sql.IndexOf("\\.\n", sql.IndexOf("COPY public.other", StringComparison.Ordinal), StringComparison.Ordinal) + 3 - sql.IndexOf("COPY public.other", StringComparison.Ordinal)) : Append(sql, "DROP TABLE public.other;"),
            _ => throw new ArgumentException(damage),
        };
        Assert.NotEqual(sql, changed);
        await ZipAsync(path, changed);

        // Somebody who meant it: the checksum fits the file. Where only the restored database can tell, all the rest does as well.
        var doctored = manifest with { Sha256 = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(path, Cancelled))), StoredBytes = new FileInfo(path).Length };
        if (!isInFile)
        {
            var inspector = new DumpInspector();
            inspector.Append(Encoding.UTF8.GetBytes(changed));
            var summary = inspector.Complete();
            doctored = doctored with { Statements = summary.Statements, Values = summary.Values, Tables = summary.Tables, SqlBytes = summary.SqlBytes };
        }

        await store.ReplaceAsync(manifest.Name + BackupName.ManifestSuffix, Json.ToUtf8(doctored), Cancelled);
    }

    /// <summary>One more backup of the same database, with other contents by then.</summary>
    private async Task<BackupManifest> BackUpOtherAsync()
    {
        var entry = (await Catalog.ListAsync(Cancelled))[0];
        var server = await servers.GetAsync(17);
        var manifest = (await Catalog.ReadManifestAsync(entry.Name, Cancelled))!;
        var database = server.Url.WithDatabase(manifest.Database);
        await database.ExecuteAsync("insert into t values (2000, 'new')");
        return (await BackupJob().RunAsync(new BackupRequest(database, BackupKind.Manual, [store], "command"), null, Cancelled)).Manifest;
    }

    /// <summary>What a dump can make the server do by statements that pg_dump writes.</summary>
    private static string Run(string statement) =>
        $"""
        CREATE FUNCTION public.run() RETURNS integer LANGUAGE sql AS $run${statement}; SELECT 1$run$;
        CREATE MATERIALIZED VIEW public.run_view AS SELECT public.run() WITH NO DATA;
        REFRESH MATERIALIZED VIEW public.run_view;
        DROP MATERIALIZED VIEW public.run_view;
        DROP FUNCTION public.run();
        """;

    private static string Append(string sql, string statement) =>
        sql.Replace("--\n-- PostgreSQL database dump complete", statement + "\n\n--\n-- PostgreSQL database dump complete");

    private static async Task<string> UnzipAsync(string path)
    {
        await using var file = File.OpenRead(path);
        await using var gzip = new GZipStream(file, CompressionMode.Decompress);
        using var reader = new StreamReader(gzip);
        return await reader.ReadToEndAsync(Cancelled);
    }

    private static async Task ZipAsync(string path, string sql)
    {
        await using var file = File.Create(path);
        await using var gzip = new GZipStream(file, CompressionLevel.Fastest);
        await gzip.WriteAsync(Encoding.UTF8.GetBytes(sql), Cancelled);
    }
}
