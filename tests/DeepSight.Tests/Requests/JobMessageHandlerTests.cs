using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Requests;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace DeepSight.Tests.Requests;

/// <summary>Requests for backups, drills and undos: done once, recorded once, whatever they say.</summary>
public sealed class JobMessageHandlerTests(PostgresServers servers) : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<ServiceProvider> hosts = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public void Dispose()
    {
        foreach (var host in hosts) host.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_backup_is_made_once_however_often_its_message_comes()
    {
        var host = await HostAsync();
        var message = await ComposeAsync(host, JobNames.Backup, """{"request_id":"once","requested_by":"tests"}""");

        await HandleAsync(host, message);
        await HandleAsync(host, message);

        var run = Assert.Single(await RunsAsync(host));
        Assert.Equal(("once", RunStatus.Succeeded, "tests", Triggers.Queue), (run.Id, run.Status, run.RequestedBy, run.Trigger));
        var (backups, _) = await host.GetRequiredService<BackupStores>().ListAsync(Cancelled);
        Assert.Equal(run.Backup, Assert.Single(backups).Name.ToString());

        // Under the same id something else is asked for.
        await HandleAsync(host, message with { Job = JobNames.Undo, Previous = "app__before_0" });
        Assert.Contains("another one was taken before", (await RunsAsync(host)).Single(other => other.Job == JobNames.Undo).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_drill_proves_the_backup_that_was_named()
    {
        var host = await HostAsync(drills: true);
        await HandleAsync(host, await ComposeAsync(host, JobNames.Backup, ""));
        var message = await ComposeAsync(host, JobNames.Verify, """{"backup":"latest"}""");
        Assert.EndsWith(".sql.gz", message.Backup, StringComparison.Ordinal);

        await HandleAsync(host, message);

        Assert.Equal(RunStatus.Succeeded, (await RunsAsync(host)).Single(run => run.Id == message.RequestId).Status);
        var (backups, _) = await host.GetRequiredService<BackupStores>().ListAsync(Cancelled);
        Assert.NotNull(Assert.Single(await BackupDetails.ReadAsync(backups, Cancelled)).VerifiedAt);
    }

    [Fact]
    public async Task What_expired_or_can_not_be_undone_is_recorded_and_consumed()
    {
        var host = await HostAsync();
        await HandleAsync(host, await ComposeAsync(host, JobNames.Backup, """{"request_id":"late"}""") with { ExpiresAt = Now.AddMinutes(-1) });
        await HandleAsync(host, await ComposeAsync(host, JobNames.Undo, """{"request_id":"undo","previous":"app__before_0"}"""));

        var runs = (await RunsAsync(host)).ToDictionary(run => run.Id);
        Assert.Equal(RunStatus.Refused, runs["late"].Status);
        Assert.Contains("expired", runs["late"].Error, StringComparison.Ordinal);
        Assert.Contains("There is nothing to undo", runs["undo"].Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("backup", """{"backup":"latest"}""", "backup is no field of a request for backup")]
    [InlineData("backup", """{"colour":"red"}""", "'colour' is not a field")]
    [InlineData("backup", """{"request_id":"a b"}""", "request_id must be 1 to 64 letters")]
    [InlineData("backup", """["a"]""", "is neither a JSON object")]
    [InlineData("undo", "{}", "previous is missing")]
    [InlineData("verify", "{}", "VERIFY_DATABASE_URL is not set")]
    public async Task A_wrong_order_is_refused(string job, string body, string words)
    {
        var host = await HostAsync();

        var e = await Assert.ThrowsAsync<DeepSightException>(() => ComposeAsync(host, job, body));

        Assert.Equal(FailureKind.InvalidInput, e.Kind);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("""{"schema_version":1,"request_id":"x","job":"migrate","requested_by":"tests"}""")]
    [InlineData("""{"schema_version":1,"request_id":"x","job":"verify","requested_by":"tests","backup":"latest"}""")]
    public async Task A_message_that_says_nothing_is_consumed(string text)
    {
        var host = await HostAsync();

        await host.GetRequiredService<JobMessageHandler>().HandleAsync(text, Now, Cancelled);

        Assert.Empty(await RunsAsync(host));
    }

    private static Task<JobMessage> ComposeAsync(IServiceProvider host, string job, string body) => host.GetRequiredService<JobRequests>().ComposeAsync(job, body, Cancelled);

    private static Task HandleAsync(IServiceProvider host, JobMessage message) => host.GetRequiredService<JobMessageHandler>().HandleAsync(message.ToJson(), Now, Cancelled);

    private static async Task<IReadOnlyList<RunRecord>> RunsAsync(IServiceProvider host) =>
        (await host.GetRequiredService<RunHistory>().ListAsync(host.GetRequiredService<BackupStores>().All, 20, _ => true, Cancelled)).Runs;

    private async Task<ServiceProvider> HostAsync(bool drills = false)
    {
        var database = await servers.NewDatabaseAsync(18, "create table t as select n from generate_series(1, 100) n");
        var source = new SettingsSource().Add(
            [
                KeyValuePair.Create("DATABASE_URL", (string?)database.Whole()), KeyValuePair.Create("BACKUP_DIR", (string?)folder.Path), KeyValuePair.Create("BACKUP_STORE", (string?)"local"),
                KeyValuePair.Create("VERIFY_DATABASE_URL", drills ? (await servers.GetAsync(18)).Url.Whole() : null),
            ], "tests");
        var host = new ServiceCollection().AddLogging().AddDeepSight(DeepSightSettings.Load(source).ThrowIfInvalid()).BuildServiceProvider();
        hosts.Add(host);
        return host;
    }
}
