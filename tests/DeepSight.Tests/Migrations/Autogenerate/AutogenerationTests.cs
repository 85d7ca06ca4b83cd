using System.Globalization;
using System.Text;
using DeepSight.Core;
using DeepSight.Core.Migrations;
using DeepSight.Core.Migrations.Autogenerate;
using DeepSight.Core.Migrations.Linting;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Tests.Servers;
using Microsoft.EntityFrameworkCore;

namespace DeepSight.Tests.Migrations.Autogenerate;

/// <summary>Each way up and down is run and compared by the job itself, with two witnesses; <c>cases.sql</c> says what the ways are to hold.</summary>
public sealed class AutogenerationTests(PostgresServers servers) : IDisposable
{
    private readonly PostgresClients clients = new(new DatabaseSettings());

    private const string SafeWas =
        """
        create table b (id int, x int);
        create table a (id int, n int, t text constraint a_t_key unique, u int);
        create index a_changes on a (n); create index a_goes on a (id);
        create table p (id int, n int) partition by list (id); create table p_1 partition of p for values in (1); create table p_2 partition of p for values in (2) partition by list (n);
        create table p_2_1 partition of p_2 for values in (1);
        """;

    private const string SafeWill =
        """
        create table b (id int primary key, x int);
        create table a (id int constraint small check (id < 100), n int not null references b, t text, u int unique deferrable, constraint a_t_key unique (t, u));
        create index a_changes on a (n, t); comment on index a_changes is 'two';
        create table p (id int, n int) partition by list (id); create table p_1 partition of p for values in (1); create table p_2 partition of p for values in (2) partition by list (n);
        create table p_2_1 partition of p_2 for values in (1);
        create index p_n on p (n);
        """;

    public static TheoryData<string> RealSchemas => Matrix.IsFull ? ["sample", "powerdns", "kea", "icinga", "zabbix"] : ["sample"];

    public static TheoryData<int> Majors => Matrix.IsFull ? PostgresServers.Majors : [14, 18];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => clients.Dispose();

    [Theory]
    [MemberData(nameof(Majors))]
    public async Task Every_case_is_proven_up_and_down_and_says_what_it_should(int major)
    {
        var cases = SchemaCase.All.Where(change => change.FromMajor <= major).ToList();

        var scripts = await CompareAsync(major, string.Concat(cases.Select(change => change.InSchema(change.Was))),
            string.Concat(cases.Select(change => change.InSchema(change.Will))), new CompareRequest(["head"], [.. cases.SelectMany(change => change.Renames)]) { IsShort = true });
        var (up, hazards) = (Assert.Single(scripts.Revisions).Up, scripts.Revisions[0].Hazards);

        Assert.All(cases, change => Assert.All(change.Up, part => Assert.Contains(part, up, StringComparison.Ordinal)));
        Assert.All(cases.Where(change => change.IsNone), change => Assert.DoesNotContain($" {change.Schema}.", up, StringComparison.Ordinal));
        Assert.Contains(hazards, hazard => hazard.StartsWith("deletes-data column ", StringComparison.Ordinal) && hazard.EndsWith(".a.old", StringComparison.Ordinal));
        Assert.Contains(hazards, hazard => hazard.StartsWith("deletes-data composite type ", StringComparison.Ordinal));
    }

    /// <summary>Every file of the chain runs as the migrator would run it: lint has nothing to say about its locks.</summary>
    [Theory]
    [MemberData(nameof(Majors))]
    public async Task Large_tables_are_changed_while_others_work(int major)
    {
        var scripts = await CompareAsync(major, SafeWas, SafeWill);

        var files = scripts.Revisions.Select((revision, index) => ($"up/{index + 1:D3}_step.sql", revision.Up)).ToArray();
        using var migrations = new ScriptsOnDisk([("up/000_was.sql", "select 1;"), .. files]);
        Assert.DoesNotContain(MigrationLint.Check(await MigrationSources.LoadAsync(migrations.Effective, Cancel), null), finding => finding.Rule != LintRules.MissingDown);
        var all = string.Join("\n", scripts.Revisions.Select(revision => revision.Up));
        string[] expected =
        [
            "ADD CONSTRAINT a_n_is_not_null CHECK (n IS NOT NULL) NOT VALID", "VALIDATE CONSTRAINT a_n_is_not_null", "ADD CONSTRAINT small CHECK ((id < 100)) NOT VALID", "VALIDATE CONSTRAINT small",
            "FOREIGN KEY (n) REFERENCES public.b(id) NOT VALID", "CREATE UNIQUE INDEX CONCURRENTLY a_u_key ON", "ADD CONSTRAINT a_u_key UNIQUE USING INDEX a_u_key DEFERRABLE", "CREATE UNIQUE INDEX CONCURRENTLY a_t_key_new",
            "CREATE INDEX CONCURRENTLY a_changes_new", "DROP INDEX CONCURRENTLY public.a_changes", "ALTER INDEX public.a_changes_new RENAME TO a_changes", "DROP INDEX CONCURRENTLY public.a_goes",
            "CREATE INDEX CONCURRENTLY p_1_n_idx ON public.p_1", "CREATE INDEX CONCURRENTLY p_2_1_n_idx ON public.p_2_1", "\nCREATE INDEX p_n ON public.p", "PRIMARY KEY USING INDEX b_pkey",
        ];
        Assert.All(expected, part => Assert.Contains(part, all, StringComparison.Ordinal));
        Assert.All(scripts.Revisions, revision => Assert.Equal(revision.Up.StartsWith("-- transaction: off", StringComparison.Ordinal), revision.Down.StartsWith("-- transaction: off", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_a_way_does_to_rows_and_files_is_seen()
    {
        const string Was = "create type m as enum ('a', 'b'); create table t (id int, m m, v varchar(5), n int); create table keeps (id int, v varchar(5)); create table child (id int primary key); create table parent (c int not null references child);";

        var scripts = await CompareAsync(18, Was, Was.Replace("id int, m m", "id bigint, m m", StringComparison.Ordinal).Replace("v varchar(5));", "v varchar(9));", StringComparison.Ordinal));

        Assert.Equal(["rewrites-table public.t"], Assert.Single(scripts.Revisions).Hazards);
    }

    [Fact]
    public async Task A_new_label_that_is_used_is_committed_first()
    {
        var scripts = await CompareAsync(18, "create type m as enum ('a'); create table t (m m)", "create type m as enum ('a', 'b'); create table t (m m default 'b')", new CompareRequest(["head"], []) { IsShort = true });

        Assert.Equal(2, scripts.Revisions.Count);
        Assert.Contains("ADD VALUE 'b'", scripts.Revisions[0].Up, StringComparison.Ordinal);
        Assert.Contains("SET DEFAULT 'b'", scripts.Revisions[1].Up, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Majors))]
    public async Task What_is_pulled_from_a_database_is_its_schema(int major)
    {
        var sql = "set check_function_bodies = off;\n" + string.Concat(SchemaCase.All.Where(change => change.FromMajor <= major).Select(change => change.InSchema(change.Will)));
        using var migrations = new ScriptsOnDisk(("up/0001_all.sql", sql));
        var database = await servers.NewDatabaseAsync(major);
        await migrations.UpAsync(database);
        var folder = Path.Combine(migrations.Root, "declared");

        await SchemaFolder.WriteAsync(database, migrations.Effective, folder, Cancel);

        Assert.True((await CompareAsync(major, migrations, await DeclaredSchema.OfFolderAsync(folder, Cancel))).IsEmpty);
    }

    /// <summary>Schemas that people know; the sample stands for all where not everything is tried.</summary>
    [Theory]
    [MemberData(nameof(RealSchemas))]
    public async Task A_real_schema_is_made_from_nothing_and_unmade_and_pulled_as_it_is(string name)
    {
        var path = name == "sample" ? Path.Combine(Clone.Root, "samples/sample-schema.sql") : Path.Combine(await Clone.BuiltAsync("local/schemas", "schemas"), name + ".sql");
        await using var sql = File.OpenRead(path);
        using var nothing = new ScriptsOnDisk(("up/0001_nothing.sql", "select 1;"));
        var scripts = await CompareAsync(18, nothing, await DeclaredSchema.OfStreamAsync(sql, Path.GetFileName(path), Cancel));
        using var migrations = new ScriptsOnDisk(("up/0001_all.sql", Assert.Single(scripts.Revisions).Up));
        var database = await servers.NewDatabaseAsync(18);
        await migrations.UpAsync(database);
        var folder = Path.Combine(migrations.Root, "declared");

        await SchemaFolder.WriteAsync(database, migrations.Effective, folder, Cancel);

        Assert.True((await CompareAsync(18, migrations, await DeclaredSchema.OfFolderAsync(folder, Cancel))).IsEmpty);
    }

    /// <summary>What <c>dotnet ef dbcontext script</c> prints.</summary>
    [Fact]
    public async Task The_script_of_an_EF_Core_model_becomes_a_revision_and_its_next_one_another()
    {
        using var first = new ShopContext(withNotes: false);
        using var second = new ShopContext(withNotes: true);

        var scripts = await CompareAsync(18, first.Database.GenerateCreateScript(), second.Database.GenerateCreateScript());

        Assert.Equal("ALTER TABLE public.\"Orders\" ADD COLUMN \"Notes\" character varying(200);\n", Assert.Single(scripts.Revisions).Up);
    }

    [Theory]
    [InlineData("create table a (id int); insert into b values (1)", "", 1, "relation \"b\" does not exist", "will.sql, line 1")]
    [InlineData("select lo_create(47110)", "", 3, "large object 47110")]
    public async Task What_can_not_be_written_is_told_and_leaves_no_database(string will, string was, int exitCode, params string[] words)
    {
        var refused = await Assert.ThrowsAsync<DeepSightException>(() => CompareAsync(18, was, will));

        Assert.Equal(exitCode, (int)refused.Kind);
        Assert.All(words, word => Assert.Contains(word, refused.Message, StringComparison.Ordinal));
    }

    private async Task<GeneratedScripts> CompareAsync(int major, string was, string will, CompareRequest? request = null)
    {
        using var migrations = new ScriptsOnDisk(("up/0001_was.sql", was));
        using var declared = new MemoryStream(Encoding.UTF8.GetBytes(will));
        return await CompareAsync(major, migrations, await DeclaredSchema.OfStreamAsync(declared, "will.sql", Cancel), request);
    }

    private async Task<GeneratedScripts> CompareAsync(int major, ScriptsOnDisk migrations, DeclaredSchema declared, CompareRequest? request = null) =>
        await new Autogeneration(migrations.Effective, clients, TimeProvider.System).CompareAsync(
            declared, (await servers.GetAsync(major)).Url, request ?? new CompareRequest(["head"], []), null, Cancel);
}

/// <summary>One case of <c>cases.sql</c>, to be run in a schema of its own.</summary>
internal sealed record SchemaCase(string Schema, string Was, string Will, IReadOnlyList<string> Renames, IReadOnlyList<string> Up, bool IsNone, int FromMajor)
{
    public static IEnumerable<SchemaCase> All => Read(File.ReadAllText(Path.Combine(Clone.Root, "tests/DeepSight.Tests/Migrations/Autogenerate/cases.sql")));

    public string InSchema(string sql) => $"create schema {Schema};\nset search_path = {Schema};\n{sql}\n";

    private static IEnumerable<SchemaCase> Read(string text) => text.Split("-- case: ")[1..].Select((part, index) =>
    {
        var lines = part.Split('\n');
        var will = Array.IndexOf(lines, "-- will");
        var schema = $"case_{index + 1}";
        return new SchemaCase(schema, string.Join('\n', lines[1..will]), string.Join('\n', lines[(will + 1)..]),
            [.. Values("-- rename ").Select(rename => $"{schema}.{rename}")], [.. Values("-- up: ").Select(up => up.Replace("public.", schema + ".", StringComparison.Ordinal))],
            lines.Contains("-- none"), Values("-- from ").Select(major => int.Parse(major, CultureInfo.InvariantCulture)).FirstOrDefault());

        IEnumerable<string> Values(string prefix) => lines.Where(line => line.StartsWith(prefix, StringComparison.Ordinal)).Select(line => line[prefix.Length..]);
    });
}
