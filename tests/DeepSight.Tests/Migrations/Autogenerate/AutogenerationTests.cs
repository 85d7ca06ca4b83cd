using System.Globalization;
using System.Text;
using DeepSight.Cli.Quickstart;
using DeepSight.Core;
using DeepSight.Core.Migrations.Autogenerate;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Migrations.Autogenerate;

/// <summary>Each way up and down is run and compared by the job itself, with two witnesses; <c>cases.sql</c> says what the ways are to hold.</summary>
public sealed class AutogenerationTests(PostgresServers servers) : IDisposable
{
    private readonly PostgresClients clients = new(new DatabaseSettings());

    public static TheoryData<int> Majors => Matrix.IsFull ? PostgresServers.Majors : [14, 18];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => clients.Dispose();

    [Theory]
    [MemberData(nameof(Majors))]
    public async Task Every_case_is_proven_up_and_down_and_says_what_it_should(int major)
    {
        var cases = SchemaCase.All.Where(change => change.FromMajor <= major).ToList();

        var scripts = await CompareAsync(major, string.Concat(cases.Select(change => change.InSchema(change.Was))),
            string.Concat(cases.Select(change => change.InSchema(change.Will))), [.. cases.SelectMany(change => change.Renames)]);

        Assert.All(cases, change => Assert.All(change.Up, part => Assert.Contains(part, scripts.Up, StringComparison.Ordinal)));
        Assert.All(cases.Where(change => change.IsNone), change => Assert.DoesNotContain($" {change.Schema}.", scripts.Up, StringComparison.Ordinal));
        Assert.Contains(scripts.Hazards, hazard => hazard.StartsWith("deletes-data column ", StringComparison.Ordinal) && hazard.EndsWith(".a.old", StringComparison.Ordinal));
        Assert.Contains(scripts.Hazards, hazard => hazard.StartsWith("deletes-data composite type ", StringComparison.Ordinal));
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

    [Fact]
    public async Task The_sample_is_pulled_and_made_from_nothing_and_unmade()
    {
        var database = await servers.NewDatabaseAsync(18);
        await using (var connection = await database.OpenAsync()) await SampleScript.RunFileAsync(connection, "sample-schema.sql", Cancel);
        using var migrations = new ScriptsOnDisk(("up/0001_nothing.sql", "select 1;"));
        var folder = Path.Combine(migrations.Root, "declared");
        await SchemaFolder.WriteAsync(database, migrations.Effective, folder, Cancel);

        var scripts = await CompareAsync(18, migrations, await DeclaredSchema.OfFolderAsync(folder, Cancel));

        Assert.Contains("CREATE TABLE public.users (", scripts.Up, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("create table a (id int); insert into b values (1)", "", 1, "relation \"b\" does not exist", "will.sql, line 1")]
    [InlineData("select lo_create(47110)", "", 3, "large object 47110")]
    [InlineData("create type m as enum ('a', 'b'); create table t (m m default 'b')", "create type m as enum ('a'); create table t (m m)", 1, "unsafe use of new value")]
    public async Task What_can_not_be_written_is_told_and_leaves_no_database(string will, string was, int exitCode, params string[] words)
    {
        var refused = await Assert.ThrowsAsync<DeepSightException>(() => CompareAsync(18, was, will));

        Assert.Equal(exitCode, (int)refused.Kind);
        Assert.All(words, word => Assert.Contains(word, refused.Message, StringComparison.Ordinal));
    }

    private async Task<GeneratedScripts> CompareAsync(int major, string was, string will, params IReadOnlyList<string> renames)
    {
        using var migrations = new ScriptsOnDisk(("up/0001_was.sql", was));
        using var declared = new MemoryStream(Encoding.UTF8.GetBytes(will));
        return await CompareAsync(major, migrations, await DeclaredSchema.OfStreamAsync(declared, "will.sql", Cancel), renames);
    }

    private async Task<GeneratedScripts> CompareAsync(int major, ScriptsOnDisk migrations, DeclaredSchema declared, params IReadOnlyList<string> renames) =>
        await new Autogeneration(migrations.Effective, clients, TimeProvider.System).CompareAsync(
            declared, (await servers.GetAsync(major)).Url, new CompareRequest(["head"], renames), null, Cancel);
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
