using DeepSight.Core;
using DeepSight.Core.Queues;
using Microsoft.Extensions.Time.Testing;

namespace DeepSight.Tests.Queues;

public sealed class StorageConnectionTests
{
    private static Func<string, string?> Settings(params (string Name, string Value)[] settings) =>
        name => settings.Where(setting => setting.Name == name).Select(setting => setting.Value).SingleOrDefault();

    private static StorageConnection? Find(params (string Name, string Value)[] settings) =>
        StorageConnection.Find(StorageConnection.Default, Settings(settings));

    [Fact]
    public void No_setting_is_no_connection()
    {
        Assert.Null(Find());
        Assert.Null(Find(("AzureWebJobsStorage", "  ")));
        Assert.Null(Find(("AzureWebJobsStorage__clientId", "x")));
    }

    [Fact]
    public void A_connection_string_opens_queues_and_blobs()
    {
        var connection = Find(("AzureWebJobsStorage", "UseDevelopmentStorage=true"));
        Assert.Equal("devstoreaccount1", connection!.Queues().AccountName);
        Assert.Equal("devstoreaccount1", connection.Blobs().AccountName);
    }

    [Fact]
    public void An_account_name_is_opened_by_identity()
    {
        var connection = Find(("AzureWebJobsStorage__accountName", "prod"))!;
        Assert.Equal("https://prod.queue.core.windows.net/", connection.Queues().Uri.ToString());
        Assert.Equal("https://prod.blob.core.windows.net/", connection.Blobs().Uri.ToString());
    }

    [Fact]
    public void A_service_address_wins_over_the_account_name()
    {
        var connection = Find(("AzureWebJobsStorage__accountName", "prod"), ("AzureWebJobsStorage__queueServiceUri", "https://own.example/"))!;
        Assert.Equal("https://own.example/", connection.Queues().Uri.ToString());
    }

    [Fact]
    public void A_connection_of_queues_alone_says_so_when_blobs_are_asked_for()
    {
        var connection = Find(("AzureWebJobsStorage__queueServiceUri", "https://prod.queue.core.windows.net"))!;
        var failure = Assert.Throws<DeepSightException>(connection.Blobs);
        Assert.Contains("blobServiceUri", failure.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not a connection string with-a-secret")]
    [InlineData("AccountName=x;AccountKey=with-a-secret;Nonsense")]
    public void A_broken_connection_string_is_never_quoted(string text)
    {
        var failure = Assert.Throws<DeepSightException>(() => Find(("AzureWebJobsStorage", text))!.Queues());
        Assert.Equal(FailureKind.InvalidInput, failure.Kind);
        Assert.DoesNotContain("with-a-secret", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_without_TLS_is_refused()
    {
        var failure = Assert.Throws<DeepSightException>(() => Find(("AzureWebJobsStorage__queueServiceUri", "http://prod.queue.core.windows.net")));
        Assert.Contains("https", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_connection_the_queues_are_a_folder()
    {
        var queues = MessageQueues.FromSettings(Settings(("DEEPSIGHT_STATE_DIR", "/srv/state")), new FakeTimeProvider());
        Assert.Equal("/srv/state/queues", queues.Location);
    }

    [Fact]
    public void The_state_folder_is_the_setting_then_systemds_then_the_working_directorys()
    {
        Assert.Equal("/srv/state", LocalState.Folder(Settings(("DEEPSIGHT_STATE_DIR", " /srv/state "), ("STATE_DIRECTORY", "/var/lib/deepsight"))));
        Assert.Equal("/var/lib/deepsight", LocalState.Folder(Settings(("STATE_DIRECTORY", "/var/lib/deepsight:/var/lib/other"))));
        Assert.Equal(Path.GetFullPath(".deepsight/state"), LocalState.Folder(Settings()));
    }
}
