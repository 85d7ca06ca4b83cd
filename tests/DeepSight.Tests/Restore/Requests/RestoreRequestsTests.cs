using System.Text;
using System.Text.Json;
using DeepSight.Core;
using DeepSight.Core.Restore;
using DeepSight.Core.Restore.Requests;
using DeepSight.Core.Settings;
using DeepSight.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace DeepSight.Tests.Restore.Requests;

public sealed class RestoreRequestsTests : IDisposable
{
    private const string Name = "deepsight_20260212_030000.sql.gz";
    private const string Whole = $$"""{"schema_version":1,"request_id":"a1","target":"db.internal:5432/app","backup":"{{Name}}","requested_by":"ann"}""";

    private static readonly DateTimeOffset Now = new(2026, 2, 12, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder folder = new();
    private readonly ServiceProvider services;

    public RestoreRequestsTests() => services = new ServiceCollection()
        .AddLogging()
        .AddSingleton<TimeProvider>(new FakeTimeProvider(Now))
        .AddDeepSight(DeepSightSettings.Load(new SettingsSource().Add(
        [
            new("DATABASE_URL", "postgresql://app:secret@pooler:6432/app"),
            new("DATABASE_DIRECT_URL", "postgresql://app:secret@db.internal/app"),
            new("BACKUP_DIR", folder.Path),
            new("BACKUP_STORE", "local"),
        ], "test")))
        .BuildServiceProvider();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private RestoreRequests Requests => services.GetRequiredService<RestoreRequests>();

    public void Dispose()
    {
        services.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_message_by_hand_holds_for_an_hour_from_when_it_was_sent()
    {
        var message = Requests.ReadMessage(Whole, Now);

        Assert.Equal(Now.AddHours(1), message.ExpiresAt);
        Assert.Equal((Name, "ann", null), (message.Backup, message.RequestedBy, message.Mode));
        Requests.EnsureDue(message);
    }

    [Fact]
    public void Base64_of_a_message_is_the_message()
    {
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes("\uFEFF" + Whole + "\n"));

        Assert.Equal("a1", Requests.ReadMessage(encoded, Now).RequestId);
    }

    [Fact]
    public void Every_option_goes_through_a_message_and_back()
    {
        var options = """, "mode":"into","into":"copy of Ünïcode","clean":true,"confirm":true,"confirm_space":true,"force":true,"create_missing_roles":true,"drop_replication":true}""";

        var message = Requests.ReadMessage(Whole[..^1] + options, Now);

        Assert.Equal((RestoreMode.Into, "copy of Ünïcode"), (message.Mode, message.Into));
        Assert.True(message is { Clean: true, Confirm: true, ConfirmSpace: true, Force: true, CreateMissingRoles: true, DropReplication: true });
        Assert.Equal(message, Requests.ReadMessage(message.ToJson(), Now));
    }

    [Theory]
    [InlineData("", "neither a JSON object nor base64")]
    [InlineData("restore please", "neither a JSON object nor base64")]
    [InlineData("3q2+7w==", "neither a JSON object nor base64")]
    [InlineData("{\"schema_version\":1", "not a JSON object (line 1, byte 20)")]
    [InlineData("{}", "schema_version is missing. request_id is missing. target is missing. requested_by is missing. backup is missing.")]
    public void What_is_not_a_request_is_refused(string text, string expected) => Refuses(text, expected);

    [Theory]
    [InlineData("\"schema_version\":1", "\"schema_version\":2", "schema_version is 2; it must be 1.")]
    [InlineData("\"schema_version\":1", "\"schema_version\":\"1\"", "schema_version must be a whole number.")]
    [InlineData("\"a1\"", "17", "request_id must be a text.")]
    [InlineData("\"a1\"", "\"\"", "request_id is empty.")]
    [InlineData("\"a1\"", "\"../a1\"", "request_id must be 1 to 64 letters, digits and hyphens.")]
    [InlineData("\"ann\"", "\"ann\\u0007\"", "requested_by must be a text")]
    [InlineData("\"ann\"", "\"ann\",\"backup\":\"x\"", "has the field 'backup' twice.")]
    [InlineData("\"ann\"", "\"ann\",\"confrim\":true", "'confrim' is not a field.")]
    [InlineData("\"ann\"", "\"\\ud800\"", "not a JSON object")]
    [InlineData("\"ann\"", "\"ann\",\"\\udfff\":1", "not a JSON object")]
    [InlineData("\"ann\"", "\"ann\",\"x\":[\"\\ud800\"]", "'x' is not a field.")]
    [InlineData("\"ann\"", "\"ann\",\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx😀y\":1", "x😀…' is not a field.")]
    [InlineData("\"ann\"", "\"ann\",\"confirm\":\"yes\"", "confirm must be true or false.")]
    [InlineData("\"ann\"", "\"ann\",\"mode\":\"replace\"", "mode is 'replace'; it must be one of swap, in-place, into.")]
    [InlineData("\"ann\"", "\"ann\",\"expires_at\":\"2026-02-12T04:00:00\"", "expires_at must be a time with its offset")]
    [InlineData("\"ann\"", "\"ann\",\"expires_at\":1770868800", "expires_at must be a time with its offset")]
    [InlineData(Name, "../../etc/passwd", "backup is '../../etc/passwd', which is not the name of a backup")]
    [InlineData(Name, "pre-restore/../" + Name, "which is not the name of a backup")]
    [InlineData(Name, "other_20260212_030000.sql.gz", "which is not the name of a backup; one looks like deepsight_")]
    [InlineData(Name, "latest", "backup is 'latest', which may be another one by the time it is read")]
    public void A_wrong_field_is_named(string right, string wrong, string expected) => Refuses(Whole.Replace(right, wrong), expected);

    [Fact]
    public void More_than_a_queue_takes_is_refused_before_it_is_read() =>
        Refuses(Whole[..^1] + $",\"x\":\"{new string('x', 65536)}\"}}", "bytes; a queue takes up to 65,536");

    [Theory]
    [InlineData("db.internal:5432/other")]
    [InlineData("db.internal:5432/APP")]
    [InlineData("db.internal:5433/app")]
    [InlineData("db.internal/app")]
    [InlineData("")]
    public void A_message_for_another_database_is_refused(string target)
    {
        var thrown = Assert.Throws<DeepSightException>(() => Requests.EnsureDue(Requests.ReadMessage(Whole, Now) with { Target = target }));

        Assert.Equal(FailureKind.Refused, thrown.Kind);
        Assert.Equal($"The restore request is for '{target}'; this is db.internal:5432/app.", thrown.Message);
    }

    [Theory]
    [InlineData("DB.Internal:5432/app")]
    [InlineData("pooler:6432/app")]
    public void Either_way_to_the_database_is_its_name(string target) =>
        Requests.EnsureDue(Requests.ReadMessage(Whole, Now) with { Target = target });

    [Fact]
    public void An_expired_message_is_refused()
    {
        var thrown = Assert.Throws<DeepSightException>(() => Requests.EnsureDue(Requests.ReadMessage(Whole, Now.AddHours(-1))));

        Assert.Equal((FailureKind.Refused, "The restore request expired at 2026-02-12 12:00:00 UTC."), (thrown.Kind, thrown.Message));
    }

    [Fact]
    public void The_id_of_a_wrong_message_is_still_found()
    {
        Assert.Equal("a1", RestoreRequests.FindRequestId(Whole.Replace(Name, "../x")));
        Assert.Null(RestoreRequests.FindRequestId(Whole.Replace("\"a1\"", "\"../a1\"")));
        Assert.Null(RestoreRequests.FindRequestId("nothing"));
    }

    [Fact]
    public async Task Latest_becomes_the_newest_good_backup_and_the_target_the_configured_database()
    {
        Store("deepsight_20260210_030000.sql.gz", "deepsight_20260210_030000.sql.gz.manifest.json",
            Name, Name + ".manifest.json",
            "deepsight_20260212_040000.sql.gz", "deepsight_20260212_050000.sql.gz", "deepsight_20260212_050000.sql.gz.pending",
            "pre-restore/deepsight_20260212_060000.sql.gz", "pre-restore/deepsight_20260212_060000.sql.gz.manifest.json");

        var message = await Requests.ComposeAsync(Requests.ReadOrder("""{"backup":"latest","confirm":true}"""), Cancel);

        Assert.Equal((Name, "db.internal:5432/app", true), (message.Backup, message.Target, message.Confirm));
        Assert.Equal(Now.AddHours(1), message.ExpiresAt);
        Assert.Equal(16, message.RequestId.Length);
        Assert.Equal(message, Requests.ReadMessage(message.ToJson(), Now));
    }

    [Fact]
    public async Task An_order_for_what_is_not_there_is_refused()
    {
        var none = await Assert.ThrowsAsync<DeepSightException>(() => Requests.ComposeAsync(new RestoreOrder { Backup = "latest" }, Cancel));
        Store(Name);
        var wrong = await Assert.ThrowsAsync<DeepSightException>(() => Requests.ComposeAsync(new RestoreOrder { Backup = "x" }, Cancel));
        var elsewhere = await Assert.ThrowsAsync<DeepSightException>(() => Requests.ComposeAsync(new RestoreOrder { Backup = Name, Target = "x:1/y" }, Cancel));

        Assert.Equal([FailureKind.NothingToDo, FailureKind.NothingToDo, FailureKind.Refused], new[] { none.Kind, wrong.Kind, elsewhere.Kind });
    }

    [Fact]
    public void The_message_on_the_queue_has_the_documented_fields() =>
        Assert.Equal(
            ["schema_version", "request_id", "target", "backup", "requested_by", "expires_at",
                "mode", "into", "clean", "confirm", "confirm_space", "force", "create_missing_roles", "drop_replication"],
            JsonDocument.Parse(Requests.ReadMessage(Whole, Now).ToJson()).RootElement.EnumerateObject().Select(field => field.Name));

    private void Refuses(string text, string expected)
    {
        var thrown = Assert.Throws<DeepSightException>(() => Requests.ReadMessage(text, Now));

        Assert.Equal(FailureKind.InvalidInput, thrown.Kind);
        Assert.Contains(expected, thrown.Message);
    }

    private void Store(params string[] names)
    {
        Directory.CreateDirectory(Path.Combine(folder.Path, "pre-restore"));
        foreach (var name in names) File.WriteAllText(Path.Combine(folder.Path, name), "x");
    }
}
