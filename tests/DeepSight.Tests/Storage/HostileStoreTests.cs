using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Queues;
using DeepSight.Core.Restore.Requests;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage.Leases;
using DeepSight.Core.Storage.Local;
using DeepSight.Tests.Queues;
using Microsoft.Extensions.Time.Testing;

namespace DeepSight.Tests.Storage;

/// <summary>What others can put into a store, a queue or a folder.</summary>
[SuppressMessage("Interoperability", "CA1416", Justification = "The suite runs on Linux.")]
public sealed class HostileStoreTests : IDisposable
{
    private const string Backup = "deepsight_20260212_030000.sql.gz";

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

    private static readonly (string What, string? By)[] Manifests =
    [
        ("null", null),
        ("[]", null),
        ("", null),
        ("{", null),
        ("NaN", null),
        ("\"database\":\"app\"", "\"database\":null"),
        ("\"database\":\"app\"", "\"database\":\"\\ud800\""),
        ("\"kind\":\"manual\"", "\"kind\":99"),
        ("\"kind\":\"manual\"", "\"kind\":null"),
        ("\"stored_bytes\":1", "\"stored_bytes\":-1"),
        ("\"stored_bytes\":1", "\"stored_bytes\":1e400"),
        ("\"stored_bytes\":1", "\"stored_bytes\":NaN"),
        ("\"sql_bytes\":2", "\"sql_bytes\":9223372036854775807"),
        ("\"sql_bytes\":2", "\"sql_bytes\":9223372036854775808"),
        ("\"sha256\":\"ab\"", "\"sha256\":\"../../x\""),
        ("\"sha256\":\"ab\"", "\"sha256\":null"),
        ("\"columns\":[\"a\"]", "\"columns\":[null]"),
        ("\"columns\":[\"a\"]", "\"columns\":null"),
        ("\"rows\":1", "\"rows\":9223372036854775807"),
        ("[{\"name\":\"t\"", "[null,{\"name\":\"t\""),
        ("\"statements\":{\"count\":1,\"checksum\":\"00\"}", "\"statements\":null"),
        ("\"started_at\":\"2026-02-12T03:00:00Z\"", "\"started_at\":\"0001-01-01T00:00:00+14:00\""),
        ("\"tool_version\":\"1.0\"", "\"tool_version\":\"" + new string('1', 1000) + "\""),
        ("[{\"name\":\"t\",", "[{"),
        ("\"bytes\":2,\"checksum\":\"00\"", "\"bytes\":2"),
        ("\"statements\":{\"count\":1,\"checksum\":\"00\"}", "\"statements\":{\"count\":1}"),
        ("\"values\":", "\"locale\":{\"encoding\":\"UTF8\",\"collate\":null,\"ctype\":\"C\",\"provider\":\"libc\"},\"values\":"),
        ("\"values\":", "\"needed_roles\":[null],\"values\":"),
        ("\"values\":", "\"superuser_needs\":[null],\"values\":"),
    ];

    private static readonly (string What, string By)[] Records =
    [
        ("\"id\":\"a1\"", "\"id\":null"),
        ("\"id\":\"a1\"", "\"id\":\"../../../x\""),
        ("\"id\":\"a1\"", "\"id\":\"b2\""),
        ("\"job\":\"backup\"", "\"job\":\"\\u001b[31m\""),
        ("\"job\":\"backup\"", "\"job\":null"),
        ("\"status\":\"running\"", "\"status\":77"),
        ("\"started_at\":\"2026-02-12T03:00:00Z\"", "\"started_at\":\"2099-01-01T00:00:00Z\""),
        ("\"warnings\":[]", "\"warnings\":[null]"),
        ("\"warnings\":[]", "\"rows\":-5"),
        ("\"schema_version\":1", "\"schema_version\":2147483647"),
    ];

    private const string Request = """
        {"schema_version":1,"request_id":"a1","target":"db:5432/app","backup":"deepsight_20260212_030000.sql.gz","requested_by":"ann","mode":"in-place",
        "expires_at":"2026-02-12T04:00:00Z","clean":true}
        """;

    private readonly S3Server server;
    private readonly SharedAzurite azurite;
    private readonly TemporaryFolder folder = new();
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 2, 12, 3, 5, 0, TimeSpan.Zero));
    private readonly LocalBackupStore store;

    public HostileStoreTests(S3Server server, SharedAzurite azurite) => (this.server, this.azurite, store) = (server, azurite, new LocalBackupStore(folder.Path, clock));

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_records_that_the_cases_begin_with_are_good()
    {
        Assert.Equal(1, Json.Read<BackupManifest>(Encoding.UTF8.GetBytes(Manifest))!.Rows);
        Assert.Equal("ann", new RequestReader("deepsight").Message(Request, clock.GetUtcNow()).RequestedBy);
        Assert.Equal("a1", Json.Read<RunRecord>(Encoding.UTF8.GetBytes(Record))!.Id);
        Assert.True(LeaseRecord.Parse(Encoding.UTF8.GetBytes(Lease))!.HoldsAt(clock.GetUtcNow()));
    }

    [Theory]
    [InlineData("local")]
    [InlineData("s3")]
    [InlineData("azure")]
    public async Task Records_that_hold_what_none_does_are_told_by_name_and_hide_no_other(string kind)
    {
        await using var test = kind == "s3" ? await OpenS3Async() : kind == "azure" ? await AzureTestContainer.OpenStoreAsync(azurite, clock) : new StoreUnderTest(store,
            (name, content) => PlantAsync(name, Encoding.UTF8.GetString(content)), () => Task.FromResult(0), () => ValueTask.CompletedTask);
        var bad = new List<string>();
        foreach (var (what, by) in Manifests.Append(("\"app\"", "\"app\"")))
        {
            bad.Add($"deepsight_20260212_03{bad.Count:00}00.sql.gz");
            await test.PlantAsync(bad[^1], [1]);
            await test.PlantAsync(bad[^1] + ".manifest.json", Encoding.UTF8.GetBytes((by is null ? what : Changed(Manifest, what, by)).Replace(Backup, bad[^1], StringComparison.Ordinal)));
        }

        var catalog = new BackupCatalog(test.Store, "deepsight");
        var entries = await catalog.ListAsync(Cancelled);
        Assert.Equal(bad.Count, entries.Count);
        foreach (var entry in entries.Where(entry => entry.Name.ToString() != bad[^1]))
        {
            var failure = await Assert.ThrowsAsync<DeepSightException>(() => catalog.ReadManifestAsync(entry.Name, Cancelled));
            Assert.Equal(FailureKind.Corrupt, failure.Kind);
            Assert.Contains(entry.Name.ToString(), failure.Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, (await catalog.ReadManifestAsync(entries.Single(entry => entry.Name.ToString() == bad[^1]).Name, Cancelled))!.Rows);

        bad.Clear();
        foreach (var (what, by) in Records.Append(("\"a1\"", "\"a1\"")))
        {
            bad.Add($"runs/2026/02/12/0300{bad.Count:00}_backup_a1.json");
            await test.PlantAsync(bad[^1], Encoding.UTF8.GetBytes(Changed(Record, what, by).Replace("03:00:00", $"03:00:{bad.Count - 1:00}", StringComparison.Ordinal)));
        }

        var (runs, failures) = await new RunHistory(clock).ListAsync([test.Store], 100, _ => true, Cancelled);
        Assert.Equal(bad[^1], Assert.Single(runs).ObjectName);
        Assert.Equal(bad.Count - 1, failures.Count);
        foreach (var name in bad[..^1]) Assert.Contains(failures, failure => failure.Message.Contains(name, StringComparison.Ordinal));
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

        var removed = await store.SweepUnfinishedAsync(null, TimeProvider.System.GetUtcNow().AddHours(1), Cancelled);

        Assert.Single(removed);
        Assert.Equal(before, World());
    }

    [Fact]
    public async Task A_folder_that_others_may_write_is_refused_and_nothing_in_it_is_read()
    {
        File.SetUnixFileMode(folder.Path, File.GetUnixFileMode(folder.Path) | UnixFileMode.OtherWrite);

        foreach (var act in new Func<Task>[]
                 {
                     async () => await store.ListAsync("", "", Cancelled).ToListAsync(Cancelled),
                     () => store.FindAsync("x", Cancelled), () => store.ReplaceAsync("x", "x"u8.ToArray(), Cancelled),
                     () => store.SweepUnfinishedAsync(null, clock.GetUtcNow(), Cancelled),
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
        var count = Matrix.IsFull ? 100_000 : 6_000;
        var random = new Random(18);
        string[] tokens = ["null", "NaN", "-1", "1e400", "\"\\ud800\"", "[", "]", "{", "}", "\"", "9999999999999999999", "\u001b", "true", ",", ":"];
        for (var i = 0; i < count; i++)
        {
            var text = (i % 4) switch { 0 => Manifest, 1 => Record, 2 => Request, _ => Lease };
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                var at = random.Next(text.Length);
                text = text[..at] + tokens[random.Next(tokens.Length)] + text[Math.Min(text.Length, at + random.Next(12))..];
            }

            var bytes = Encoding.UTF8.GetBytes(text);
            if (random.Next(4) == 0) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                switch (i % 4)
                {
                    case 0: _ = Json.Read<BackupManifest>(bytes)?.Rows; break;
                    case 1: _ = Json.Read<RunRecord>(bytes)?.ObjectName; break;
                    case 2: _ = new RequestReader("deepsight").Message(Encoding.UTF8.GetString(bytes), clock.GetUtcNow()); break;
                    default: _ = LeaseRecord.Parse(bytes)?.HoldsAt(clock.GetUtcNow()); break;
                }
            }
            catch (Exception e) when (e is JsonException or DeepSightException { Kind: FailureKind.InvalidInput })
            {
                // Refused; any other exception fails the test.
            }
        }
    }

    private async Task<StoreUnderTest> OpenS3Async()
    {
        var bucket = await S3TestBucket.CreateAsync(server);
        var s3 = bucket.Open(clock);
        return new StoreUnderTest(s3, (name, content) => bucket.PutAsync(S3TestBucket.Prefix + name, content), () => Task.FromResult(0),
            async () => { s3.Dispose(); await bucket.DisposeAsync(); });
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
