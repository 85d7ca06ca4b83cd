using System.Collections.Concurrent;
using System.Globalization;
using DeepSight.Cli.Quickstart;
using DeepSight.Core.Postgres;
using DeepSight.Tests.Servers;

[assembly: AssemblyFixture(typeof(PostgresServers))]

namespace DeepSight.Tests.Servers;

/// <summary>Real PostgreSQL servers, one a major, each started when the first test asks for it and ended with the run.</summary>
public sealed class PostgresServers : IAsyncDisposable
{
    private static readonly Dictionary<string, string> Usual = new()
    {
        ["max_connections"] = "200",
        ["max_prepared_transactions"] = "10",
        ["wal_level"] = "logical",
        ["shared_buffers"] = "64MB",
        ["autovacuum"] = "off",
    };

    private readonly ConcurrentDictionary<int, Lazy<Task<EmbeddedServer>>> servers = new();

    /// <summary>15, 17 and 18 as Debian builds them, 14 and 16 from npm.</summary>
    public static TheoryData<int> Majors => [14, 15, 16, 17, 18];

    public async ValueTask DisposeAsync()
    {
        // One that did not come up has told so in every test that asked for it, and must not keep the others from ending.
        foreach (var server in servers.Values.Where(server => server.Value.IsCompletedSuccessfully))
            await (await server.Value).DisposeAsync();
    }

    internal Task<EmbeddedServer> GetAsync(int major) =>
        servers.GetOrAdd(major, static major => new Lazy<Task<EmbeddedServer>>(() => StartAnotherAsync(major))).Value;

    /// <summary>A new, empty database, for the superuser by TCP; then this SQL is run in it.</summary>
    internal async Task<DatabaseUrl> NewDatabaseAsync(int major, string sql = "")
    {
        var name = $"test_{Guid.NewGuid():n}";
        var server = await GetAsync(major);
        await server.Url.ExecuteAsync($"create database {name}");
        var database = server.Url.WithDatabase(name);
        if (sql.Length > 0) await database.ExecuteAsync(sql);
        return database;
    }

    /// <summary>A job's warning that is about its own test: what another test's killed restore left on the server, any job sweeps and tells.</summary>
    internal static bool IsOwn(string warning) => !warning.Contains("left behind by a restore", StringComparison.Ordinal);

    /// <summary>A role for drills, made by the statement that docs/security.md gives for it.</summary>
    internal async Task<DatabaseUrl> NewDrillRoleAsync(int major)
    {
        var server = await GetAsync(major);
        var lines = await File.ReadAllLinesAsync(Path.Combine(Clone.Root, "docs", "security.md"));
        var role = $"deepsight_drill_{Guid.NewGuid():n}";
        await server.Url.ExecuteAsync(lines.Single(line => line.StartsWith("CREATE ROLE deepsight_drill ", StringComparison.Ordinal))
            .Replace("deepsight_drill", role, StringComparison.Ordinal).Replace("change-me", server.Url.Password, StringComparison.Ordinal));
        return server.Url with { User = role };
    }

    /// <summary>A server of its own, for a test that would disturb the others; the caller ends it.</summary>
    /// <param name="settings">They win over the usual ones.</param>
    internal static async Task<EmbeddedServer> StartAnotherAsync(int major, IReadOnlyDictionary<string, string>? settings = null)
    {
        var number = major.ToString(CultureInfo.InvariantCulture);
        return await EmbeddedServer.StartAsync(new EmbeddedServerOptions
        {
            Bundle = await Clone.BuiltAsync("postgres-server", $"server/{number}", number),
            LogPath = Clone.Log($"postgres-{number}"),
            Settings = Usual.Concat(settings ?? new Dictionary<string, string>()).GroupBy(setting => setting.Key)
                .ToDictionary(setting => setting.Key, setting => setting.Last().Value),
        }, CancellationToken.None);
    }
}
