using System.Globalization;
using System.Text;
using DeepSight.Core;
using DeepSight.Core.Migrations.Autogenerate;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Migrations.Autogenerate;

/// <summary>Each way up and down is run and compared by the job itself, by two witnesses; <c>cases.sql</c> says what they are to hold.</summary>
public sealed class AutogenerationTests(PostgresServers servers) : IDisposable
{
    private readonly PostgresClients clients = new(new DatabaseSettings());

    public static TheoryData<int> Majors => Matrix.IsFull ? PostgresServers.Majors : [14, 18];

    public void Dispose() => clients.Dispose();

    [Theory]
    [MemberData(nameof(Majors))]
    public async Task Every_case_is_proven_up_and_down_and_says_what_it_should(int major)
    {
        var server = (await servers.GetAsync(major)).Url;
        var failures = new List<string>();
        foreach (var change in SchemaCase.All.Where(change => change.FromMajor <= major))
        {
            try
            {
                var scripts = await CompareAsync(server, change);
                if (change.IsNone != scripts.IsEmpty || change.Up.Any(part => !scripts.Up.Contains(part, StringComparison.Ordinal)))
                    failures.Add($"{change.Name}: the way up lacks something:\n{scripts.Up}");
            }
            catch (DeepSightException e)
            {
                failures.Add($"{change.Name}: {e.Message} {e.Hint}");
            }
        }

        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    private async Task<GeneratedScripts> CompareAsync(DatabaseUrl server, SchemaCase change)
    {
        using var scripts = new ScriptsOnDisk(("up/0001_was.sql", change.Was));
        using var declared = new MemoryStream(Encoding.UTF8.GetBytes(change.Will));
        return await new Autogeneration(scripts.Effective, clients, TimeProvider.System).CompareAsync(
            await DeclaredSchema.OfStreamAsync(declared, "will.sql", TestContext.Current.CancellationToken), server, new CompareRequest(["head"], change.Renames), null, TestContext.Current.CancellationToken);
    }
}

/// <summary>One case of <c>cases.sql</c>.</summary>
internal sealed record SchemaCase(string Name, string Was, string Will, IReadOnlyList<string> Renames, IReadOnlyList<string> Up, bool IsNone, int FromMajor)
{
    public static IEnumerable<SchemaCase> All => Read(File.ReadAllText(Path.Combine(Clone.Root, "tests/DeepSight.Tests/Migrations/Autogenerate/cases.sql")));

    public static IEnumerable<SchemaCase> Read(string text)
    {
        foreach (var part in text.Split("-- case: ")[1..])
        {
            var lines = part.Split('\n');
            var will = Array.IndexOf(lines, "-- will");
            yield return new SchemaCase(lines[0], string.Join('\n', lines[1..will]), string.Join('\n', lines[(will + 1)..]),
                [.. Values("-- rename ")], [.. Values("-- up: ")], lines.Contains("-- none"), Values("-- from ").Select(major => int.Parse(major, CultureInfo.InvariantCulture)).FirstOrDefault());

            IEnumerable<string> Values(string prefix) => lines.Where(line => line.StartsWith(prefix, StringComparison.Ordinal)).Select(line => line[prefix.Length..]);
        }
    }
}
