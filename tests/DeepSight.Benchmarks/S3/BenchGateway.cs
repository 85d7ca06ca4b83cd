using System.Diagnostics;
using Amazon.Runtime;
using Amazon.S3;
using DeepSight.Core;
using DeepSight.Core.Storage;
using DeepSight.Tests.Servers;

namespace DeepSight.Benchmarks.S3;

/// <summary>The S3 server of the tests, started for one benchmark, with an empty bucket. It keeps its objects in memory.</summary>
internal sealed class BenchGateway : IAsyncDisposable
{
    private const string Bucket = "bench";

    private readonly Process process;
    private readonly string state;
    private readonly Dictionary<string, string> values = [];

    private BenchGateway(Process process, string state) => (this.process, this.state) = (process, state);

    public S3Settings Settings => new()
    {
        Endpoint = new Uri(values["TEST_S3_ENDPOINT"]),
        AccessKeyId = values["TEST_S3_ACCESS_KEY"],
        SecretAccessKey = values["TEST_S3_SECRET_KEY"],
        Bucket = Bucket,
    };

    /// <summary>The same for a process.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["AWS_ENDPOINT_URL_S3"] = values["TEST_S3_ENDPOINT"],
        ["AWS_ACCESS_KEY_ID"] = values["TEST_S3_ACCESS_KEY"],
        ["AWS_SECRET_ACCESS_KEY"] = values["TEST_S3_SECRET_KEY"],
        ["BACKUP_S3_BUCKET"] = Bucket,
        ["TEST_S3_ENDPOINT"] = values["TEST_S3_ENDPOINT"],
        ["TEST_S3_ACCESS_KEY"] = values["TEST_S3_ACCESS_KEY"],
        ["TEST_S3_SECRET_KEY"] = values["TEST_S3_SECRET_KEY"],
        ["TEST_S3_BUCKET"] = Bucket,
    };

    /// <summary>On a core of its own.</summary>
    public static async Task<BenchGateway> StartAsync(CancellationToken cancellationToken)
    {
        await Clone.BuiltAsync(Path.Combine("local", "s3"), "s3");
        var state = Path.Combine(Path.GetTempPath(), $"deepsight-bench-s3-{System.Environment.ProcessId}");
        var line = Cores.Line(Cores.Apart, Path.Combine(Clone.Root, "infra", "local", "s3", "up.sh"));
        var process = Process.Start(new ProcessStartInfo(line[0], [.. line[1..], "--attached", state])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var gateway = new BenchGateway(process, state);
        while (gateway.values.Count < 3 && await process.StandardOutput.ReadLineAsync(cancellationToken) is { } said)
            if (said.Split('=', 2) is [var name, var value]) gateway.values[name] = value;
        if (gateway.values.Count < 3) throw new DeepSightException(FailureKind.Failed, "The S3 server did not start.");

        using var client = gateway.Client();
        await client.PutBucketAsync(Bucket, cancellationToken);
        return gateway;
    }

    /// <summary>A client that knows nothing of our stores.</summary>
    public AmazonS3Client Client() => new(
        new BasicAWSCredentials(Settings.AccessKeyId, Settings.SecretAccessKey),
        new AmazonS3Config { ServiceURL = Settings.Endpoint!.AbsoluteUri, ForcePathStyle = true, AuthenticationRegion = Settings.Region });

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
        if (Directory.Exists(state)) Directory.Delete(state, recursive: true);
    }
}
