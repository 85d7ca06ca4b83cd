using DeepSight.Core.Databases;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Sql;
using DeepSight.Core.Retention;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Retention;

public sealed class DatabaseCleanupTests(PostgresServers servers)
{
    private const int Days = 7;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_former_database_goes_when_its_days_are_over_and_not_before()
    {
        var target = await servers.NewDatabaseAsync(17);
        var old = await LeaveAsync(target, daysAgo: 8);
        var young = await LeaveAsync(target, daysAgo: 6);
        var others = await LeaveAsync(target, daysAgo: 8, of: "another");
        var unmarked = await servers.NewDatabaseAsync(17);

        Assert.Contains("would be dropped", Assert.Single(await RunAsync(target, dryRun: true)), StringComparison.Ordinal);
        Assert.True(await ExistsAsync(target, old));

        var told = Assert.Single(await RunAsync(target, dryRun: false), line => line.Contains("days for undo", StringComparison.Ordinal));
        Assert.Contains(old, told, StringComparison.Ordinal);
        Assert.False(await ExistsAsync(target, old));
        foreach (var kept in new[] { young, others, unmarked.Database }) Assert.True(await ExistsAsync(target, kept));
    }

    [Fact]
    public async Task A_clock_that_is_a_year_ahead_drops_none()
    {
        var target = await servers.NewDatabaseAsync(17);
        var previous = await LeaveAsync(target, daysAgo: 1);
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TimeProvider.System.GetUtcNow().AddYears(1));

        await new DatabaseCleanup(Settings(target), Days, clock).RunAsync(dryRun: false, Cancelled);

        Assert.True(await ExistsAsync(target, previous));
    }

    [Fact]
    public async Task What_the_role_may_not_drop_and_what_is_in_use_is_told()
    {
        var target = await servers.NewDatabaseAsync(17);
        var previous = await LeaveAsync(target, daysAgo: 8);
        var role = $"role_{Guid.NewGuid():n}";
        await target.ExecuteAsync($"create role {role} login password '{target.Password}'");

        Assert.Contains(await RunAsync(target with { User = role }, dryRun: false), line => line.Contains(previous, StringComparison.Ordinal) && line.Contains("must be owner", StringComparison.Ordinal));

        await using (var user = await target.WithDatabase(previous).OpenAsync())
            Assert.Contains(await RunAsync(target, dryRun: false), line => line.Contains("is being accessed by other users", StringComparison.Ordinal));
        Assert.True(await ExistsAsync(target, previous));
        await target.ExecuteAsync($"drop database {previous}");
    }

    [Fact]
    public async Task A_server_that_is_away_is_told()
    {
        var away = DatabaseUrl.Parse("postgresql://postgres@127.0.0.1:1/app", "test");

        Assert.Contains("were not looked at", Assert.Single(await RunAsync(away, dryRun: false)), StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<string>> RunAsync(DatabaseUrl target, bool dryRun) =>
        await new DatabaseCleanup(Settings(target), Days, TimeProvider.System).RunAsync(dryRun, Cancelled);

    private static DatabaseSettings Settings(DatabaseUrl target) => new() { Url = target.Whole() };

    /// <summary>As a swap restore leaves the database that it replaced.</summary>
    private static async Task<string> LeaveAsync(DatabaseUrl target, int daysAgo, string? of = null)
    {
        var name = DatabaseNames.Previous(target.Database, DatabaseNames.NewId());
        var marker = new DatabaseMarker { Deepsight = DatabaseMarker.Previous, Database = of ?? target.Database, At = TimeProvider.System.GetUtcNow().AddDays(-daysAgo) };
        await target.ExecuteAsync($"create database {name}");
        await target.ExecuteAsync($"comment on database {name} is {Sql.Text(marker.ToComment())}");
        return name;
    }

    private static async Task<bool> ExistsAsync(DatabaseUrl target, string name) =>
        await target.AskAsync<bool>($"select exists (select from pg_database where datname = '{name}')");
}
