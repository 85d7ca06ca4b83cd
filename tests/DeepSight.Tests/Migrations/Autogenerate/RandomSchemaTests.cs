using System.Text;
using DeepSight.Core;
using DeepSight.Core.Migrations.Autogenerate;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Migrations.Autogenerate;

/// <summary>Between any two schemas there is a way up and a way down: both proven by the job itself.</summary>
public sealed class RandomSchemaTests(PostgresServers servers) : IDisposable
{
    private const int AtOnce = 100;

    private readonly PostgresClients clients = new(new DatabaseSettings());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => clients.Dispose();

    public static TheoryData<int, int, int, bool> Ranges => Matrix.IsFull
        ? new() { { 14, 0, 2500, true }, { 18, 10_000, 2500, true }, { 18, 20_000, 200, false } }
        : new() { { 18, 10_000, 500, true }, { 18, 20_000, 2, false } };

    [Theory]
    [MemberData(nameof(Ranges))]
    public async Task Every_pair_of_schemas_has_a_way_up_and_a_way_down(int major, int first, int count, bool isShort)
    {
        foreach (var seeds in Enumerable.Range(first, count).Chunk(isShort ? AtOnce : 1))
        {
            var pairs = seeds.Select(seed => new RandomSchema(seed)).ToList();
            if (await FailureAsync(major, isShort, pairs) is null) continue;

            foreach (var pair in pairs)
                if (await FailureAsync(major, isShort, [pair]) is { } failure)
                    Assert.Fail(await SmallestAsync(major, isShort, pair, failure));
            Assert.Fail("Each pair has its ways, and all together have none.");
        }
    }

    /// <summary>Takes one difference after the other away, as long as it still fails.</summary>
    private async Task<string> SmallestAsync(int major, bool isShort, RandomSchema pair, string failure)
    {
        foreach (var difference in pair.Differences.ToList())
        {
            pair.Differences.Remove(difference);
            if (await FailureAsync(major, isShort, [pair]) is { } still) failure = still;
            else pair.Differences.Add(difference);
        }

        return $"{failure}\n\n{pair}";
    }

    private async Task<string?> FailureAsync(int major, bool isShort, IReadOnlyList<RandomSchema> pairs)
    {
        using var migrations = new ScriptsOnDisk(("up/0001_was.sql", Written(isSecond: false)));
        using var declared = new MemoryStream(Encoding.UTF8.GetBytes(Written(isSecond: true)));
        try
        {
            await new Autogeneration(migrations.Effective, clients, TimeProvider.System).CompareAsync(
                await DeclaredSchema.OfStreamAsync(declared, "will.sql", Cancel), (await servers.GetAsync(major)).Url, new CompareRequest(["head"], []) { IsShort = isShort }, null, Cancel);
            return null;
        }
        catch (DeepSightException e)
        {
            return e.Message;
        }

        string Written(bool isSecond) => string.Concat(pairs.Select((pair, index) => $"create schema r{index};\nset search_path = r{index};\n{pair.Write(isSecond)}"));
    }
}
