using DeepSight.Core;
using DeepSight.Core.Age;
using DeepSight.Core.Backup;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Locking;
using DeepSight.Core.Restore;
using DeepSight.Core.Restore.Requests;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage;
using DeepSight.Tests.Servers;
using Microsoft.Extensions.DependencyInjection;

namespace DeepSight.Tests.Restore.Requests;

/// <summary>Messages on a real database: done once, recorded once, whatever happens in between.</summary>
public sealed class RestoreMessageHandlerTests(PostgresServers servers) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("deepsight-requests-").FullName;
    private readonly List<ServiceProvider> hosts = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        foreach (var host in hosts) host.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_request_is_done_once_however_often_it_comes()
    {
        var (target, host) = await DamagedAsync();
        var message = await ComposeAsync(host, new RestoreOrder { Backup = "latest", RequestId = "once", RequestedBy = "tests" });

        await HandleAsync(host, message.ToJson());
        Assert.Equal(3000, await RowsAsync(target));
        await target.ExecuteAsync("delete from videos");
        await HandleAsync(host, message.ToJson());

        Assert.Equal(0, await RowsAsync(target));
        var run = Assert.Single(await RunsAsync(host, "once"));
        Assert.Equal((RunStatus.Succeeded, "tests", message.Backup, 5000), (run.Status, run.RequestedBy, run.Backup, run.Rows));
    }

    [Fact]
    public async Task After_a_crash_behind_the_publication_only_the_record_is_finished()
    {
        var (target, host) = await DamagedAsync();
        var message = await ComposeAsync(host, new RestoreOrder { Backup = "latest", RequestId = "crashed" });
        await HandleAsync(host, message.ToJson());
        await LoseRecordAsync(host, "crashed");
        await target.ExecuteAsync("delete from videos where id = 1");

        await HandleAsync(host, message.ToJson());

        Assert.Equal(2999, await RowsAsync(target));
        var finished = Assert.Single(await RunsAsync(host, "crashed"));
        Assert.Equal(RunStatus.Succeeded, finished.Status);
        Assert.Contains("finished later", Assert.Single(finished.Warnings));
    }

    [Fact]
    public async Task Interrupted_by_the_host_it_comes_back_and_is_done()
    {
        var (target, host) = await DamagedAsync();
        var message = await ComposeAsync(host, new RestoreOrder { Backup = "latest", RequestId = "interrupted" });
        // The host stops while the request waits for another job's lock.
        await using (await JobLock.AcquireAsync(target, "backup", TimeSpan.Zero, TimeProvider.System, Cancel))
        {
            using var stopping = new CancellationTokenSource(TimeSpan.FromSeconds(4));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Handler(host).HandleAsync(message.ToJson(), Now, stopping.Token));
        }

        var stopped = Assert.Single(await RunsAsync(host, "interrupted"));
        Assert.Equal((RunStatus.Cancelled, "It was told to stop before it was done."), (stopped.Status, stopped.Error));
        await HandleAsync(host, message.ToJson());

        Assert.Equal(3000, await RowsAsync(target));
        Assert.Equal(RunStatus.Succeeded, Assert.Single(await RunsAsync(host, "interrupted")).Status);
    }

    [Fact]
    public async Task A_database_that_stays_busy_is_recorded_and_the_message_consumed()
    {
        var (target, host) = await DamagedAsync(("RESTORE_LOCK_WAIT_MINUTES", "0"));
        var message = await ComposeAsync(host, new RestoreOrder { Backup = "latest", RequestId = "busy" });
        await using var other = await JobLock.AcquireAsync(target, "backup", TimeSpan.Zero, TimeProvider.System, Cancel);

        await HandleAsync(host, message.ToJson());

        Assert.Equal(RunStatus.Busy, Assert.Single(await RunsAsync(host, "busy")).Status);
        Assert.Equal(0, await RowsAsync(target));
    }

    [Theory]
    [InlineData("no request at all")]
    [InlineData("""{"schema_version":1,"request_id":"bad","target":"elsewhere:5432/app","backup":"deepsight_20260101_000000.sql.gz","requested_by":"tests"}""")]
    [InlineData("""{"schema_version":1,"request_id":"bad","backup":"../../etc/passwd"}""")]
    public async Task What_can_not_be_done_is_recorded_and_consumed(string text)
    {
        var (target, host) = await DamagedAsync();

        await HandleAsync(host, text);

        var (runs, _) = await host.GetRequiredService<RunHistory>().ListAsync([Local(host)], 10, name => name.Job == "restore", Cancel);
        Assert.Equal(RunStatus.Refused, Assert.Single(runs).Status);
        Assert.Equal(0, await RowsAsync(target));
    }

    [Fact]
    public async Task A_backup_that_fails_to_restore_is_recorded_and_consumed()
    {
        var (target, host) = await DamagedAsync();
        var message = await ComposeAsync(host, new RestoreOrder { Backup = "latest", RequestId = "corrupt", Force = true });
        var path = Path.Combine(Local(host).Location, message.Backup);
        var bytes = await File.ReadAllBytesAsync(path, Cancel);
        await File.WriteAllBytesAsync(path, bytes[..^20], Cancel);

        await HandleAsync(host, message.ToJson());

        Assert.Equal((RunStatus.Failed, 5), Assert.Single(await RunsAsync(host, "corrupt")) is var run ? (run.Status, run.ExitCode) : default);
        Assert.Equal(0, await RowsAsync(target));
    }

    [Fact]
    public async Task After_a_crash_behind_the_publication_what_ties_replication_is_dropped_as_well()
    {
        var (target, host) = await DamagedAsync();
        var slot = "s" + Guid.NewGuid().ToString("n")[..8];
        await target.ExecuteAsync($"select pg_create_logical_replication_slot('{slot}', 'pgoutput')");
        var message = await ComposeAsync(host, new RestoreOrder { Backup = "latest", RequestId = "tied", DropReplication = true, Force = true });
        await HandleAsync(host, message.ToJson());
        Assert.Equal(0, await SlotsAsync());
        var previous = await target.AskAsync<string>($"select datname::text from pg_database where datname like '{target.Database}__before_%'");
        await target.WithDatabase(previous).ExecuteAsync($"select pg_create_logical_replication_slot('{slot}', 'pgoutput')");
        await LoseRecordAsync(host, "tied");

        await HandleAsync(host, message.ToJson());

        Assert.Equal(0, await SlotsAsync());
        Assert.Contains(Assert.Single(await RunsAsync(host, "tied")).Warnings, warning => warning.Contains(slot, StringComparison.Ordinal));

        Task<long> SlotsAsync() => target.AskAsync<long>($"select count(*) from pg_replication_slots where slot_name = '{slot}'");
    }

    [Fact]
    public async Task What_was_undone_before_the_message_came_back_stays_undone()
    {
        var (target, host) = await DamagedAsync();
        var message = await ComposeAsync(host, new RestoreOrder { Backup = "latest", RequestId = "undone", Force = true });
        await HandleAsync(host, message.ToJson());
        await LoseRecordAsync(host, "undone");
        await host.GetRequiredService<UndoJob>().RunAsync(new UndoRequest(target, false, false, [Local(host)], "command"), null, Cancel);

        await HandleAsync(host, message.ToJson());

        Assert.Equal(0, await RowsAsync(target));
        Assert.Equal(RunStatus.Succeeded, Assert.Single(await RunsAsync(host, "undone")).Status);
    }

    [Fact]
    public async Task What_was_restored_in_place_and_swapped_away_since_is_not_restored_again()
    {
        var (target, host) = await DamagedAsync();
        var first = await ComposeAsync(host, new RestoreOrder { Backup = "latest", RequestId = "first", Mode = RestoreMode.InPlace, Clean = true, Force = true });
        await HandleAsync(host, first.ToJson());
        await LoseRecordAsync(host, "first");
        await HandleAsync(host, (await ComposeAsync(host, new RestoreOrder { Backup = "latest", RequestId = "second", Force = true })).ToJson());
        await target.ExecuteAsync("delete from videos where id > 7");

        await HandleAsync(host, first.ToJson());

        Assert.Equal(7, await RowsAsync(target));
    }

    [Theory]
    [InlineData("BACKUP_KEEP_LAST", "many", "BACKUP_KEEP_LAST is 'many'")]
    [InlineData("DATABASE_URL", "jdbc:postgresql://db/app", "DATABASE_URL can't be read")]
    [InlineData("DATABASE_URL", null, "DATABASE_URL is not set")]
    public async Task A_fault_of_settings_is_recorded_as_the_requests_failure(string name, string? value, string reason)
    {
        var (target, host) = await DamagedAsync();
        var message = await ComposeAsync(host, new RestoreOrder { Backup = "latest", RequestId = "fault", RequestedBy = "tests" });
        var source = new SettingsSource().Add(
            new Dictionary<string, string?> { ["DATABASE_URL"] = target.ToString(), ["BACKUP_DIR"] = folder, ["BACKUP_STORE"] = "local", [name] = value }.Where(setting => setting.Value is not null), "tests");
        var faulty = new ServiceCollection().AddLogging().AddDeepSight(DeepSightSettings.Load(source)).BuildServiceProvider();
        hosts.Add(faulty);

        await HandleAsync(faulty, message.ToJson());

        var run = Assert.Single(await RunsAsync(host, "fault"));
        Assert.Equal((RunStatus.Refused, "tests"), (run.Status, run.RequestedBy));
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
        Assert.Equal(0, await RowsAsync(target));
    }

    [Fact]
    public async Task An_id_that_another_request_had_is_refused_and_recorded_apart()
    {
        var (target, host) = await DamagedAsync();
        var message = await ComposeAsync(host, new RestoreOrder { Backup = "latest", RequestId = "same", Force = true });
        await HandleAsync(host, message.ToJson());
        await target.ExecuteAsync("delete from videos where id > 7");

        await HandleAsync(host, (message with { Mode = RestoreMode.InPlace, Clean = true }).ToJson());

        Assert.Equal(7, await RowsAsync(target));
        Assert.Equal(RunStatus.Succeeded, Assert.Single(await RunsAsync(host, "same")).Status);
        var (runs, _) = await host.GetRequiredService<RunHistory>().ListAsync([Local(host)], 10, name => name.Job == "restore" && name.Id != "same", Cancel);
        var refused = Assert.Single(runs);
        Assert.Equal((RunStatus.Refused, message.Backup), (refused.Status, refused.Backup));
        Assert.Contains("'same'", refused.Error);
    }

    [Fact]
    public async Task A_request_does_not_wait_for_a_lock_beyond_its_end()
    {
        var (target, host) = await DamagedAsync();
        var message = await ComposeAsync(host, new RestoreOrder { Backup = "latest", RequestId = "late", Force = true, ExpiresAt = Now.AddSeconds(4) });
        await using var other = await JobLock.AcquireAsync(target, "backup", TimeSpan.Zero, TimeProvider.System, Cancel);

        await HandleAsync(host, message.ToJson()).WaitAsync(TimeSpan.FromSeconds(60), Cancel);

        Assert.Equal(RunStatus.Busy, Assert.Single(await RunsAsync(host, "late")).Status);
    }

    [Fact]
    public async Task A_sealed_backup_is_opened_with_the_identity_of_the_settings()
    {
        var identity = X25519Identity.New();
        var (target, host) = await DamagedAsync(("BACKUP_AGE_RECIPIENTS", identity.Recipient.ToString()), ("RESTORE_AGE_IDENTITY", identity.Secret));
        var message = await ComposeAsync(host, new RestoreOrder { Backup = "latest", RequestId = "sealed" });

        await HandleAsync(host, message.ToJson());

        Assert.Equal(3000, await RowsAsync(target));
        var run = Assert.Single(await RunsAsync(host, "sealed"));
        Assert.EndsWith(".sql.gz.age", run.Backup, StringComparison.Ordinal);
        Assert.EndsWith(".sql.gz.age", run.PreRestoreBackup, StringComparison.Ordinal);
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>As a host leaves it that is killed between the publication and the end of its record.</summary>
    private static async Task LoseRecordAsync(IServiceProvider host, string id)
    {
        var record = Assert.Single(await RunsAsync(host, id));
        await Local(host).ReplaceAsync(record.ObjectName, Json.ToUtf8(record with { Status = RunStatus.Running, FinishedAt = null, AliveUntil = record.StartedAt }), Cancel);
    }

    private static RestoreMessageHandler Handler(IServiceProvider host) => host.GetRequiredService<RestoreMessageHandler>();

    private static IBackupStore Local(IServiceProvider host) => host.GetRequiredService<BackupStores>().Local;

    private static Task HandleAsync(IServiceProvider host, string text) => Handler(host).HandleAsync(text, Now, Cancel);

    private static Task<RestoreMessage> ComposeAsync(IServiceProvider host, RestoreOrder order) => host.GetRequiredService<RestoreRequests>().ComposeAsync(order, Cancel);

    private static Task<long> RowsAsync(DatabaseUrl target) => target.AskAsync<long>("select count(*) from videos");

    private static async Task<IReadOnlyList<RunRecord>> RunsAsync(IServiceProvider host, string id) =>
        (await host.GetRequiredService<RunHistory>().ListAsync([Local(host)], 10, name => name.Id == id, Cancel)).Runs;

    /// <summary>A database that lost its rows after its backup, and a host that guards it.</summary>
    private async Task<(DatabaseUrl Target, ServiceProvider Host)> DamagedAsync(params (string Name, string Value)[] more)
    {
        var server = await servers.GetAsync(17);
        var database = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        // By the socket nothing asks for a password, so that the URL can be a setting.
        var target = server.SocketUrl.WithDatabase(database.Database);
        var source = new SettingsSource().Add(
            [
                KeyValuePair.Create("DATABASE_URL", (string?)target.ToString()), KeyValuePair.Create("BACKUP_DIR", (string?)folder), KeyValuePair.Create("BACKUP_STORE", (string?)"local"),
                .. more.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)),
            ], "tests");
        var host = new ServiceCollection().AddLogging().AddDeepSight(DeepSightSettings.Load(source).ThrowIfInvalid()).BuildServiceProvider();
        hosts.Add(host);
        await host.GetRequiredService<BackupJob>().RunAsync(new BackupRequest(target, BackupKind.Manual, [Local(host)], "command"), null, Cancel);
        await target.ExecuteAsync("delete from videos");
        return (target, host);
    }
}
