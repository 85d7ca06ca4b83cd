using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Queues;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage.Leases;
using DeepSight.Core.Storage.Local;
using Microsoft.Extensions.Time.Testing;

namespace DeepSight.Tests.Storage;

/// <summary>What others can put into a store, a queue or a folder.</summary>
[SuppressMessage("Interoperability", "CA1416", Justification = "The suite runs on Linux.")]
public sealed class HostileStoreTests : IDisposable
{
    private const string Backup = "deepsight_20260212_030000.sql.gz";
    private const string Run = "runs/2026/02/12/030000_backup_a1.json";

    private const string Manifest = """
        {"schema_version":1,"name":"deepsight_20260212_030000.sql.gz","database_id":"ab","kind":"manual","database":"app","server_version":"17.1",
        "pg_dump_version":"17.1","tool_version":"1.0","started_at":"2026-02-12T03:00:00Z","finished_at":"2026-02-12T03:00:01Z","stored_bytes":1,
        "sql_bytes":2,"sha256":"ab","tables":[{"name":"t","columns":["a"],"rows":1,"bytes":2,"checksum":"00"}],
        "statements":{"count":1,"checksum":"00"},"values":{"count":1,"checksum":"00"}}
        """;

    private const string Record = """
        {"schema_version":1,"id":"a1","job":"backup","trigger":"timer","status":"running","started_at":"2026-02-12T03:00:00Z",
        "alive_until":"2026-02-12T03:10:00Z","warnings":[],"tool_version":"1.0"}
        """;

    private const string Lease = """{"id":"a","holder":"b","expires_at":"2026-02-12T03:30:00Z"}""";

    private readonly TemporaryFolder folder = new();
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 2, 12, 3, 5, 0, TimeSpan.Zero));
    private readonly LocalBackupStore store;

    public HostileStoreTests() => store = new LocalBackupStore(folder.Path, clock);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_records_that_the_cases_begin_with_are_good()
    {
        Assert.Equal(1, Json.Read<BackupManifest>(Encoding.UTF8.GetBytes(Manifest))!.Rows);
        Assert.Equal("a1", Json.Read<RunRecord>(Encoding.UTF8.GetBytes(Record))!.Id);
        Assert.True(LeaseRecord.Parse(Encoding.UTF8.GetBytes(Lease))!.HoldsAt(clock.GetUtcNow()));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("NaN")]
    [InlineData("\"database\":\"app\"", "\"database\":null")]
    [InlineData("\"database\":\"app\"", "\"database\":\"\\ud800\"")]
    [InlineData("\"kind\":\"manual\"", "\"kind\":99")]
    [InlineData("\"kind\":\"manual\"", "\"kind\":null")]
    [InlineData("\"stored_bytes\":1", "\"stored_bytes\":-1")]
    [InlineData("\"stored_bytes\":1", "\"stored_bytes\":1e400")]
    [InlineData("\"stored_bytes\":1", "\"stored_bytes\":NaN")]
    [InlineData("\"sql_bytes\":2", "\"sql_bytes\":9223372036854775807")]
    [InlineData("\"sql_bytes\":2", "\"sql_bytes\":9223372036854775808")]
    [InlineData("\"sha256\":\"ab\"", "\"sha256\":\"../../x\"")]
    [InlineData("\"sha256\":\"ab\"", "\"sha256\":null")]
    [InlineData("\"columns\":[\"a\"]", "\"columns\":[null]")]
    [InlineData("\"columns\":[\"a\"]", "\"columns\":null")]
    [InlineData("\"rows\":1", "\"rows\":9223372036854775807")]
    [InlineData("[{\"name\":\"t\"", "[null,{\"name\":\"t\"")]
    [InlineData("\"statements\":{\"count\":1,\"checksum\":\"00\"}", "\"statements\":null")]
    [InlineData("\"started_at\":\"2026-02-12T03:00:00Z\"", "\"started_at\":\"0001-01-01T00:00:00+14:00\"")]
    public async Task A_manifest_that_holds_what_none_does_is_shown_as_unreadable_and_hides_no_other(string what, string? by = null)
    {
        await File.WriteAllTextAsync(Path.Combine(folder.Path, Backup), "x", Cancelled);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, Backup + ".manifest.json"), by is null ? what : Changed(Manifest, what, by), Cancelled);
        var catalog = new BackupCatalog(store, "deepsight");
        var entry = Assert.Single(await catalog.ListAsync(Cancelled));

        var failure = await Assert.ThrowsAsync<DeepSightException>(() => catalog.ReadManifestAsync(entry.Name, Cancelled));
        Assert.Equal(FailureKind.Corrupt, failure.Kind);
        Assert.Contains(Backup, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"id\":\"a1\"", "\"id\":null")]
    [InlineData("\"id\":\"a1\"", "\"id\":\"../../../x\"")]
    [InlineData("\"id\":\"a1\"", "\"id\":\"b2\"")]
    [InlineData("\"job\":\"backup\"", "\"job\":\"\\u001b[31m\"")]
    [InlineData("\"job\":\"backup\"", "\"job\":null")]
    [InlineData("\"status\":\"running\"", "\"status\":77")]
    [InlineData("\"started_at\":\"2026-02-12T03:00:00Z\"", "\"started_at\":\"2099-01-01T00:00:00Z\"")]
    [InlineData("\"warnings\":[]", "\"warnings\":[null]")]
    [InlineData("\"warnings\":[]", "\"rows\":-5")]
    [InlineData("\"schema_version\":1", "\"schema_version\":2147483647")]
    public async Task A_run_record_that_holds_what_none_does_is_told_and_the_others_are_shown(string what, string by)
    {
        await PlantAsync(Run, Changed(Record, what, by));
        await PlantAsync("runs/2026/02/12/030000_backup_c3.json", Record.Replace("\"a1\"", "\"c3\"", StringComparison.Ordinal));

        var (runs, failures) = await new RunHistory(clock).ListAsync([store], 10, _ => true, Cancelled);

        Assert.Equal("c3", Assert.Single(runs).Id);
        Assert.Contains(Run, Assert.Single(failures).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("9999-12-31T00:00:00Z")]
    [InlineData("2026-02-14T00:00:00Z")]
    public async Task A_lease_of_a_time_far_off_keeps_nobody_out(string until)
    {
        await PlantAsync("leases/retention.json", Lease.Replace("2026-02-12T03:30:00Z", until, StringComparison.Ordinal));

        await using var lease = await store.TryLeaseAsync("retention", TimeSpan.FromHours(1), Cancelled);
        Assert.NotNull(lease);
        Assert.Null(await store.TryLeaseAsync("retention", TimeSpan.FromHours(1), Cancelled));
    }

    [Fact]
    public void A_sign_of_life_of_a_time_far_off_is_none() =>
        Assert.False(Json.Read<RunRecord>(Encoding.UTF8.GetBytes(Changed(Record, "2026-02-12T03:10:00Z", "9999-01-01T00:00:00Z")))!.IsAliveAt(clock.GetUtcNow()));

    [Fact]
    public async Task A_sweep_leaves_every_foreign_file_folder_and_link_as_it_is()
    {
        string[] folders = [".git/refs/tags", "mail/spool/new", "www/uploads", "pg_replslot", "pg_twophase", "runs/mine", "pre-restore/2026", "runs/2026/02/12/x", "2026/02/12"];
        foreach (var name in folders) Directory.CreateDirectory(Path.Combine(folder.Path, name));
        string[] files = ["notes.deepsight-tmp", ".x.deepsight-tmp", $"www/.x.{Guid.NewGuid():n}.deepsight-tmp", $".x.{Guid.Empty:n}.tmp", "runs/2026/02/12/x/y"];
        foreach (var name in files) await File.WriteAllTextAsync(Path.Combine(folder.Path, name), name, Cancelled);
        File.CreateSymbolicLink(Path.Combine(folder.Path, "link"), Path.Combine(folder.Path, "www"));
        var before = World();
        await PlantAsync($".{Backup}.{Guid.NewGuid():n}.deepsight-tmp", "ours");

        var removed = await store.SweepUnfinishedAsync(TimeProvider.System.GetUtcNow().AddHours(1), Cancelled);

        Assert.Single(removed);
        Assert.Equal(before, World());
    }

    [Fact]
    public async Task A_folder_that_others_may_write_is_refused_and_nothing_in_it_is_read()
    {
        File.SetUnixFileMode(folder.Path, File.GetUnixFileMode(folder.Path) | UnixFileMode.OtherWrite);

        foreach (var act in new Func<Task>[]
                 {
                     async () => await store.ListAsync("", Cancelled).ToListAsync(Cancelled),
                     () => store.FindAsync("x", Cancelled), () => store.ReplaceAsync("x", "x"u8.ToArray(), Cancelled),
                     () => store.SweepUnfinishedAsync(clock.GetUtcNow(), Cancelled),
                 })
        {
            var refused = await Assert.ThrowsAsync<DeepSightException>(act);
            Assert.Equal(FailureKind.Refused, refused.Kind);
            Assert.NotNull(refused.Hint);
        }
    }

    [Fact]
    public async Task A_settings_file_that_others_may_write_is_refused()
    {
        var file = Path.Combine(folder.Path, "local.settings.json");
        await File.WriteAllTextAsync(file, """{"Values":{"BACKUP_NAME":"app"}}""", Cancelled);
        Assert.NotNull(new SettingsSource().AddLocalSettings(file).Find("BACKUP_NAME"));

        File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.OtherWrite);
        Assert.Equal(FailureKind.InvalidInput, Assert.Throws<DeepSightException>(() => new SettingsSource().AddLocalSettings(file)).Kind);
    }

    [Fact]
    public async Task A_message_that_is_no_text_is_received_and_the_next_one_too()
    {
        var queue = MessageQueues.InFolder(folder.Path, clock).Open("requests");
        await queue.SendAsync("first", MessageText.DefaultTimeToLive, Cancelled);
        await queue.SendAsync("second", MessageText.DefaultTimeToLive, Cancelled);
        var file = Directory.GetFiles(Path.Combine(folder.Path, "queues", "requests")).Order(StringComparer.Ordinal).First();
        await File.WriteAllBytesAsync(file, [0xff, 0xfe, 0x00, 0xc0], Cancelled);

        var received = await queue.ReceiveAsync(2, TimeSpan.FromMinutes(1), Cancelled);

        Assert.Equal(2, received.Count);
        Assert.Equal("second", received[1].Text);
    }

    [Fact]
    public async Task A_message_that_a_clock_gone_wrong_hid_is_received()
    {
        clock.Advance(TimeSpan.FromDays(365 * 70));
        var queue = MessageQueues.InFolder(folder.Path, clock).Open("requests");
        await queue.SendAsync("order", MessageText.DefaultTimeToLive, Cancelled);

        Assert.Single(await MessageQueues.InFolder(folder.Path, new FakeTimeProvider(clock.Start)).Open("requests").ReceiveAsync(2, TimeSpan.FromMinutes(1), Cancelled));
    }

    [Fact]
    public void Mutations_of_records_are_read_or_refused()
    {
        var count = Environment.GetEnvironmentVariable("DEEPSIGHT_TEST_FULL") is null ? 6_000 : 100_000;
        var random = new Random(18);
        string[] tokens = ["null", "NaN", "-1", "1e400", "\"\\ud800\"", "[", "]", "{", "}", "\"", "9999999999999999999", "\u001b", "true", ",", ":"];
        for (var i = 0; i < count; i++)
        {
            var text = (i % 3) switch { 0 => Manifest, 1 => Record, _ => Lease };
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                var at = random.Next(text.Length);
                text = text[..at] + tokens[random.Next(tokens.Length)] + text[Math.Min(text.Length, at + random.Next(12))..];
            }

            var bytes = Encoding.UTF8.GetBytes(text);
            if (random.Next(4) == 0) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                switch (i % 3)
                {
                    case 0: _ = Json.Read<BackupManifest>(bytes)?.Rows; break;
                    case 1: _ = Json.Read<RunRecord>(bytes)?.ObjectName; break;
                    default: _ = LeaseRecord.Parse(bytes)?.HoldsAt(clock.GetUtcNow()); break;
                }
            }
            catch (JsonException)
            {
                // Refused; any other exception fails the test.
            }
        }
    }

    private static string Changed(string text, string what, string by)
    {
        Assert.Contains(what, text, StringComparison.Ordinal);
        return text.Replace(what, by, StringComparison.Ordinal);
    }

    private async Task PlantAsync(string name, string content)
    {
        var path = Path.Combine(folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, content, Cancelled);
    }

    /// <summary>Every name with what it is, when it was changed and what is in it.</summary>
    private List<string> World() =>
    [
        .. Directory.EnumerateFileSystemEntries(folder.Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .Append(Path.Combine(folder.Path, "link"))
            .Select(path => $"{path} {File.GetLastWriteTimeUtc(path).Ticks} {(File.Exists(path) ? File.ReadAllText(path) : "folder")}")
            .Order(StringComparer.Ordinal),
    ];
}
