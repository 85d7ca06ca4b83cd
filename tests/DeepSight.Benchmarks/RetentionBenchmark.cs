using System.Diagnostics;
using System.Globalization;
using Amazon.Runtime;
using Amazon.S3;
using DeepSight.Core;
using DeepSight.Core.Dumps;
using DeepSight.Core.Retention;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage;
using DeepSight.Core.Storage.S3;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeepSight.Benchmarks;

/// <summary>
/// Retention of 10,000 backups (30,000 objects) in a bucket of its own on <c>TEST_S3_ENDPOINT</c>: the plan from one
/// listing, and the deletion of a thousand of them.
/// </summary>
internal static class RetentionBenchmark
{
    private const int Backups = 10_000;
    private const int Deleted = 1_000;
    private const double MostSeconds = 2;

    public static async Task<bool> RunAsync(int repetitions, CancellationToken cancellationToken)
    {
        var source = SettingsSource.FromEnvironment().Add(new Dictionary<string, string?>
        {
            ["AWS_ENDPOINT_URL_S3"] = Required("TEST_S3_ENDPOINT"),
            ["AWS_ACCESS_KEY_ID"] = Required("TEST_S3_ACCESS_KEY"),
            ["AWS_SECRET_ACCESS_KEY"] = Required("TEST_S3_SECRET_KEY"),
            ["BACKUP_S3_BUCKET"] = $"retention-bench-{Guid.NewGuid():n}"[..24],
            ["BACKUP_RETENTION_DAYS"] = ((Backups - Deleted - 1) / 24).ToString(CultureInfo.InvariantCulture),
        }, "benchmark");
        var settings = DeepSightSettings.Load(source).ThrowIfInvalid();
        using var store = new S3BackupStore(settings.S3, TimeProvider.System, NullLogger<S3BackupStore>.Instance);
        using var client = Client(settings.S3);
        await client.PutBucketAsync(settings.S3.Bucket, cancellationToken);
        await FillAsync(store, cancellationToken);

        var job = new RetentionJob(settings.Retention, settings.Backup, settings.Database, settings.Restore, new RunJournal(TimeProvider.System, NullLogger<RunJournal>.Instance), new RunHistory(TimeProvider.System), TimeProvider.System);
        var plans = new List<double>();
        for (var i = 0; i < repetitions; i++)
        {
            var planning = Stopwatch.StartNew();
            await job.RunAsync(new RetentionRequest([store], "command", Force: false, DryRun: true), cancellationToken);
            plans.Add(planning.Elapsed.TotalSeconds);
        }

        var deleting = Stopwatch.StartNew();
        var result = await job.RunAsync(new RetentionRequest([store], "command", Force: false, DryRun: false), cancellationToken);
        var median = plans.Order().ElementAt(plans.Count / 2);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"retention  plan of {Backups:N0} backups: median {median:0.00} s ({plans.Min():0.00}–{plans.Max():0.00}), bound {MostSeconds:0} s; " +
            $"{result.Stores[0].Deleted.Count:N0} deleted in {deleting.Elapsed.TotalSeconds:0.00} s"));
        await EmptyAsync(store, cancellationToken);
        await client.DeleteBucketAsync(settings.S3.Bucket, cancellationToken);
        return median <= MostSeconds;
    }

    /// <summary>One an hour, of one byte each.</summary>
    private static async Task FillAsync(S3BackupStore store, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        var newest = new DateTimeOffset(now.Ticks - now.Ticks % TimeSpan.TicksPerSecond, TimeSpan.Zero).AddMinutes(-1);
        var names = Enumerable.Range(0, Backups).Select(hour => new BackupName("deepsight", newest.AddHours(-hour), Compression.Gzip, false));
        await Parallel.ForEachAsync(names.SelectMany(name => new[] { name.ToString(), name.Manifest, name.Access }),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken },
            async (name, token) => await store.ReplaceAsync(name, new byte[1], token));
    }

    private static async Task EmptyAsync(IBackupStore store, CancellationToken cancellationToken)
    {
        var names = await store.ListAsync("", cancellationToken).Select(item => item.Name).ToListAsync(cancellationToken);
        await store.DeleteAsync([.. names, "leases/retention.json"], cancellationToken);
    }

    private static AmazonS3Client Client(S3Settings settings) => new(
        new BasicAWSCredentials(settings.AccessKeyId, settings.SecretAccessKey),
        new AmazonS3Config { ServiceURL = settings.Endpoint!.AbsoluteUri, ForcePathStyle = true, AuthenticationRegion = settings.Region });

    private static string Required(string name) =>
        Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} must be set: infra/local/s3/up.sh starts a server and prints it.");
}
