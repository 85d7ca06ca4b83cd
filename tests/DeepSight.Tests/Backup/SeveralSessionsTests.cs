using System.Text;
using DeepSight.Core;
using DeepSight.Core.Backup;
using DeepSight.Core.Backup.Dumping;
using DeepSight.Core.Catalog;
using DeepSight.Core.Drills;
using DeepSight.Core.Dumps;
using DeepSight.Core.Migrations;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Runs;
using DeepSight.Core.Storage.Local;
using DeepSight.Tests.Restore;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeepSight.Tests.Backup;

/// <summary>What several sessions read is, byte for byte, what pg_dump alone would have written.</summary>
public sealed class SeveralSessionsTests(PostgresServers servers) : IDisposable
{
    private const int Sessions = 4;

    /// <summary>Names, rows and kinds of tables that pg_dump treats in ways of its own.</summary>
    private const string Odd =
        """
        create schema "b""; Type: TABLE DATA; Schema: a"; create schema aa; create schema "Odd schema";
        create table "Odd schema"."a.b" (id int, "order" text, "JSON" json, json text, "two
        lines" int, "ü" text);
        insert into "Odd schema"."a.b" select n, E'\\.\n\\N\t\b', '{}', null, n, 'ü' from generate_series(1, 3) n;
        create table "b""; Type: TABLE DATA; Schema: a".t as select 1 as x; create table aa."x; Type: INDEX; Schema: y" (a int primary key); insert into aa."x; Type: INDEX; Schema: y" values (1);
        create table gen (id int generated always as identity, d int generated always as (1) stored, body text); insert into gen (body) select repeat(md5(n::text), 200) from generate_series(1, 5000) n;
        create table parent (a int); create table child (b int) inherits (parent); insert into parent values (1); insert into child values (2, 3);
        create table part (a int, b text) partition by range (a); create table part1 partition of part for values from (0) to (5); create table part2 partition of part for values from (5) to (9); insert into part select n % 9, 'x' from generate_series(1, 99) n;
        create type mood as enum ('sad', 'ok'); create table by_hash (m mood) partition by hash (m); create table by_hash0 partition of by_hash for values with (modulus 2, remainder 0); create table by_hash1 partition of by_hash for values with (modulus 2, remainder 1); insert into by_hash values ('sad'), ('ok');
        create table nocols (); insert into nocols default values; create table empty (a int); create unlogged table fast (a int); insert into fast values (1);
        create table text_like_a_dump (t text); insert into text_like_a_dump values (E'\n--\n-- Name: x; Type: INDEX; Schema: public; Owner: -\n--\n'), ('-- Data for Name: gen; Type: TABLE DATA; Schema: public; Owner: -');
        create function as_in_a_dump() returns text language sql as '
        --
        -- Name: x; Type: INDEX; Schema: public; Owner: -
        --
        select ''''';
        create table dropped (a int, b int, c int); insert into dropped values (1, 2, 3); alter table dropped drop column b; delete from gen where id % 7 = 0;
        create sequence s; select lo_from_bytea(0, 'a large object'); create table stamps (t timestamptz, i interval, f float8, b bytea, m money, x xml);
        insert into stamps values ('2026-01-01 12:00+05', '1 day 2 hours', 0.1, '\xdead', 12.5, '<a/>'); alter database current set timezone = 'Asia/Tokyo';
        create index on gen (body text_pattern_ops) where id < 0; create trigger t after insert on parent execute function suppress_redundant_updates_trigger();
        """;

    private readonly PostgresClients clients = new(new DatabaseSettings());
    private readonly LocalBackupStore store = new(RunFolder.New(), TimeProvider.System);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<int> SomeMajors => Matrix.IsFull ? [14, 15, 16, 17, 18] : [14, 18];

    public void Dispose() => clients.Dispose();

    [Theory]
    [MemberData(nameof(SomeMajors))]
    public async Task The_text_is_that_of_one_session(int major)
    {
        var odd = await servers.NewDatabaseAsync(major);
        await odd.ExecuteAsync(Odd.Replace("alter database current", $"alter database {odd.Database}", StringComparison.Ordinal));
        // The zoo has what 14 has no words for.
        foreach (var database in new[] { odd, await servers.NewDatabaseAsync(major, major == 14 ? "" : ObjectZooTests.Zoo), await servers.NewDatabaseAsync(major, DumpFiles.Sample), await servers.NewDatabaseAsync(major) })
        {
            var (one, many) = (await TextAsync(database, 1), await TextAsync(database, Sessions));
            Assert.Equal(one, many);
        }
    }

    [Fact]
    public async Task A_table_of_many_pieces_keeps_its_order_and_a_backup_of_it_its_manifest()
    {
        var database = await servers.NewDatabaseAsync(17, "create table large as select n, repeat(md5(n::text), 8) as body from generate_series(1, 250000) n; create index on large (n); create table small as select 1 as one");
        Assert.Equal(await TextAsync(database, 1, 1 << 20), await TextAsync(database, Sessions, 1 << 20));

        var (one, many) = (await BackUpAsync(database, 1), await BackUpAsync(database, 3));

        Assert.Equal(Contents(one), Contents(many));
        Assert.DoesNotContain(many.Warnings, PostgresServers.IsOwn);
        await FileCheck.RunAsync(new BackupCatalog(store, "deepsight"), many.Manifest, Cancel);

        static string Contents(BackupResult result) =>
            string.Join('\n', result.Manifest.Tables.Select(table => $"{table.Name} {string.Join(',', table.Columns)} {table.Rows} {table.Bytes} {table.Checksum}").Append($"{result.Manifest.Statements} {result.Manifest.Values}"));
    }

    [Fact]
    public async Task Where_the_server_takes_no_more_sessions_one_reads_it_all_and_says_so()
    {
        var database = await servers.NewDatabaseAsync(17, "create table t as select n from generate_series(1, 1000) n");
        var role = "few_" + database.Database;
        await database.ExecuteAsync($"create role {role} login password 'x' connection limit 5; grant pg_read_all_data to {role}; grant create on database {database.Database} to {role}");

        var result = await BackUpAsync(database with { User = role, Password = "x" }, 8);

        Assert.Equal(1000, Assert.Single(result.Manifest.Tables).Rows);
        Assert.Contains(result.Warnings, warning => warning.StartsWith("One session read it all: 8 could not be opened (Can't connect to", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_table_that_somebody_waits_to_alter_is_never_waited_for()
    {
        var database = await servers.NewDatabaseAsync(17, "create table t as select 1 as one");
        await using var snapshot = await DumpSnapshot.TakeAsync(database, TimeProvider.System, Cancel);
        var tables = await snapshot.FindLargeTablesAsync(0, isOfClientsMajor: true, Cancel);
        await using var holder = await database.OpenAsync();
        await holder.ExecuteAsync("begin; lock table t in access exclusive mode");

        Assert.Null(await TableSessions.OpenAsync(database, snapshot.Id, tables, 2, Cancel));
    }

    [Fact]
    public async Task A_session_that_is_ended_in_mid_table_fails_the_dump_and_names_the_table()
    {
        var database = await servers.NewDatabaseAsync(17, "create table large as select n, repeat(md5(n::text), 30) as body from generate_series(1, 200000) n");
        await using var dump = await StartAsync(database, Sessions, 1 << 20);
        var buffer = new byte[1 << 16];
        await dump.Output.ReadExactlyAsync(buffer, Cancel);

        await database.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'COPY (SELECT%'");
        var thrown = await Assert.ThrowsAsync<DeepSightException>(async () =>
        {
            while (await dump.Output.ReadAsync(buffer, Cancel) > 0) await Task.Yield();
        });

        Assert.Contains("The rows of public.large could not be read: ", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_written_meanwhile_is_in_none_of_it()
    {
        var database = await servers.NewDatabaseAsync(17, "create table accounts as select n as id, 100 as balance, repeat('x', 400) as filler from generate_series(1, 40000) n; create unique index on accounts (id)");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var writing = Task.Run(async () =>
        {
            await using var writer = await database.OpenAsync();
            for (var i = 0; !stop.IsCancellationRequested; i++)
                await writer.ExecuteAsync($"begin; update accounts set balance = balance - 7 where id = {1 + i * 37 % 40000}; update accounts set balance = balance + 7 where id = {1 + i * 91 % 40000}; commit");
        }, Cancel);
        for (var i = 0; i < (Matrix.IsFull ? 200 : 4); i++)
        {
            var text = await TextAsync(database, Sessions, 1 << 20);
            var rows = text[(text.IndexOf(" FROM stdin;\n", StringComparison.Ordinal) + " FROM stdin;\n".Length)..text.IndexOf("\n\\.\n", StringComparison.Ordinal)].Split('\n');
            Assert.Equal((40000, 4_000_000), (rows.Select(row => row.Split('\t')[0]).Distinct().Count(), rows.Sum(row => int.Parse(row.Split('\t')[1]))));
        }

        await stop.CancelAsync();
        await writing;
    }

    private async Task<DatabaseDump> StartAsync(DatabaseUrl database, int sessions, long large)
    {
        await using var connection = await PostgresServer.ConnectAsync(database, "tests", Cancel);
        var version = (await PostgresServer.DescribeAsync(connection, Cancel)).Version;
        var client = await clients.ForDumpAsync(version, Cancel);
        return await DatabaseDump.StartAsync(database, client, new DumpOptions(), sessions, large, client.Version.Major == version.Major, TimeProvider.System, Cancel);
    }

    /// <summary>Without the lines whose key is another in every dump.</summary>
    private async Task<string> TextAsync(DatabaseUrl database, int sessions, long large = 0)
    {
        await using var dump = await StartAsync(database, sessions, large);
        using var text = new MemoryStream();
        await dump.Output.CopyToAsync(text, Cancel);
        await dump.WaitForSuccessAsync();
        Assert.Null(dump.Warning);
        return string.Join('\n', Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length).Split('\n').Where(line => !line.StartsWith("\\restrict", StringComparison.Ordinal) && !line.StartsWith("\\unrestrict", StringComparison.Ordinal)));
    }

    private async Task<BackupResult> BackUpAsync(DatabaseUrl database, int sessions)
    {
        var settings = new BackupSettings { Sessions = sessions, LargeTableBytes = 0 };
        var job = new BackupJob(settings, new MigrationSettings(), clients, new RunJournal(TimeProvider.System, NullLogger<RunJournal>.Instance), TimeProvider.System);
        return await job.RunAsync(new BackupRequest(database, BackupKind.Manual, [store], "command"), null, Cancel);
    }
}
