using DeepSight.Tests.Queues;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Cli;

/// <summary>SIGKILL at moments all over a backup, by where it goes: nothing that isn't whole is ever listed, and the next one clears up.</summary>
public sealed class KilledBackupTests(PostgresServers servers, S3Server s3, SharedAzurite azurite) : IDisposable
{
    private const string Large = "create table large as select n, (select string_agg(md5(n::text || i), '') from generate_series(1, 300) i) as body from generate_series(1, 10000) n;";

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string> Stores => Matrix.IsFull ? ["local", "s3", "azure", "s3,azure,local"] : ["s3,azure,local"];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Killed_at_any_moment_it_leaves_nothing_that_is_listed_and_the_next_backup_works(string stores)
    {
        await using var bucket = await S3TestBucket.CreateAsync(s3);
        await using var container = await AzureTestContainer.CreateAsync(azurite);
        var database = await servers.NewDatabaseAsync(18, Large);
        var settings = new Dictionary<string, string>
        {
            ["DATABASE_URL"] = database.Whole(),
            ["BACKUP_DIR"] = Path.Combine(folder.Path, "backups"),
            ["BACKUP_STORES"] = stores,
            ["AWS_ENDPOINT_URL_S3"] = bucket.Access.Endpoint.AbsoluteUri,
            ["AWS_ACCESS_KEY_ID"] = bucket.Access.AccessKey,
            ["AWS_SECRET_ACCESS_KEY"] = bucket.Access.SecretKey,
            ["BACKUP_S3_BUCKET"] = bucket.Name,
            ["BACKUP_AZURE_CONNECTION"] = container.Connection(),
            ["BACKUP_AZURE_CONTAINER"] = container.Name,
        };
        var moments = Matrix.IsFull ? 20 : 4;
        var started = TimeProvider.System.GetTimestamp();
        (await CommandProcess.RunAsync(settings, "backup")).EndedWith(0);
        var duration = TimeProvider.System.GetElapsedTime(started);

        for (var i = 0; i < moments; i++)
        {
            using var backup = CommandProcess.Start(settings, "backup");
            await Task.Delay(duration * (i + 0.5) / moments, Cancelled);
            backup.Kill();
            await backup.EndAsync();

            var listed = (await CommandProcess.RunAsync(settings, "list", "--all", "--json")).EndedWith(0).Json.GetProperty("backups").EnumerateArray().ToList();
            Assert.NotEmpty(listed);
            Assert.All(listed, row => Assert.True(row.GetProperty("good").GetBoolean(), row.ToString()));
        }

        (await CommandProcess.RunAsync(settings, "backup")).EndedWith(0);
        using var inBucket = bucket.Open(TimeProvider.System);
        using var inContainer = container.Open(TimeProvider.System);
        string[] names = [.. await inBucket.NamesAsync(), .. await inContainer.NamesAsync(), .. Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories)];
        Assert.DoesNotContain(names, name => name.EndsWith(".pending", StringComparison.Ordinal) || name.Contains(".deepsight-tmp", StringComparison.Ordinal));
        Assert.Empty(await bucket.UploadsAsync());
    }
}
