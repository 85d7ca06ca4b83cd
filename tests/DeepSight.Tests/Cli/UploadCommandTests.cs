using DeepSight.Core.Postgres;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Cli;

/// <summary><c>deepsight backup --upload</c>, <c>list</c>, <c>download</c> and <c>doctor</c> with a bucket, as an operator sees them.</summary>
public sealed class UploadCommandTests(PostgresServers servers, S3Server s3) : IDisposable
{
    private const string Small = "create table t (id int primary key, name text); insert into t select n, 'row ' || n from generate_series(1, 1000) n;";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task An_upload_is_listed_in_both_places_and_comes_back_as_it_was()
    {
        await using var bucket = await S3TestBucket.CreateAsync(s3);
        var settings = Settings(await servers.NewDatabaseAsync(18, Small), bucket);
        var name = (await CommandProcess.RunAsync(settings, "backup", "--upload", "--json")).EndedWith(0).Json.GetProperty("manifest").GetProperty("name").GetString()!;

        Assert.Contains("S3 local", (await CommandProcess.RunAsync(settings, "list")).EndedWith(0).Output, StringComparison.Ordinal);
        var output = Path.Combine(folder.Path, "fetched");
        (await CommandProcess.RunAsync(settings, "download", name, "--output", output)).EndedWith(0);

        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(Backups, name), TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(Path.Combine(output, name), TestContext.Current.CancellationToken));
        (await CommandProcess.RunAsync(settings, "download", "deepsight_20000101_000000.sql.gz")).FailedWith(4, "deepsight_20000101_000000.sql.gz");
        (await CommandProcess.RunAsync(settings, "doctor")).EndedWith(0);
    }

    [Fact]
    public async Task Without_S3_an_upload_is_a_wrong_usage()
    {
        var settings = Settings(await servers.NewDatabaseAsync(18, Small), null);

        (await CommandProcess.RunAsync(settings, "backup", "--upload")).FailedWith(2, "AWS_ACCESS_KEY_ID", "BACKUP_STORE=s3");

        Assert.False(Directory.Exists(Backups));
    }

    [Theory]
    [InlineData("AWS_SECRET_ACCESS_KEY", "s3cret-that-is-wrong", "secret of the access key")]
    [InlineData("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", "does not know the access key AKIA…LE")]
    [InlineData("BACKUP_S3_BUCKET", "ds-no-such-bucket", "no S3 bucket 'ds-no-such-bucket'")]
    [InlineData("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1", "Connection refused")]
    public async Task An_upload_that_cannot_work_leaves_the_local_backup_and_says_where_it_is(string setting, string value, string words)
    {
        await using var bucket = await S3TestBucket.CreateAsync(s3);
        var settings = Settings(await servers.NewDatabaseAsync(18, Small), bucket);
        settings[setting] = value;

        var result = (await CommandProcess.RunAsync(settings, "backup", "--upload")).FailedWith(1, words, "complete in " + Backups);

        Assert.DoesNotContain("s3cret", result.Errors, StringComparison.Ordinal);
        Assert.Single(Directory.EnumerateFiles(Backups, "*.manifest.json"));
        Assert.Empty(Directory.EnumerateFiles(Backups, "*.pending"));
        var listed = (await CommandProcess.RunAsync(settings, "list", "--json")).Json;
        Assert.Single(listed.GetProperty("backups").EnumerateArray());
        Assert.Single(listed.GetProperty("failures").EnumerateArray());
        (await CommandProcess.RunAsync(settings, "doctor")).EndedWith(1);
    }

    private string Backups => Path.Combine(folder.Path, "backups");

    private Dictionary<string, string> Settings(DatabaseUrl database, S3TestBucket? bucket)
    {
        var settings = new Dictionary<string, string> { ["DATABASE_URL"] = database.Whole(), ["BACKUP_DIR"] = Backups };
        if (bucket is null) return settings;

        settings["AWS_ENDPOINT_URL_S3"] = bucket.Access.Endpoint.AbsoluteUri;
        settings["AWS_ACCESS_KEY_ID"] = bucket.Access.AccessKey;
        settings["AWS_SECRET_ACCESS_KEY"] = bucket.Access.SecretKey;
        settings["BACKUP_S3_BUCKET"] = bucket.Name;
        return settings;
    }
}
