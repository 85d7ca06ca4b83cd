using System.Diagnostics;
using System.Globalization;
using Azure.Storage.Blobs;
using DeepSight.Benchmarks.Database;
using DeepSight.Benchmarks.Measuring;
using DeepSight.Benchmarks.S3;
using DeepSight.Core;
using DeepSight.Core.Backup;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Migrations;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Runs;
using DeepSight.Core.Storage;
using DeepSight.Core.Storage.Blobs;
using DeepSight.Core.Storage.Local;
using DeepSight.Core.Storage.S3;
using DeepSight.Core.Storage.Transfers;
using DeepSight.Tests.Queues;
using DeepSight.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeepSight.Benchmarks.Stores;

/// <summary>One dump to a folder, S3 and Azure at once against the slowest of them alone; and listing 12,000 blobs.</summary>
internal static class StoresBenchmark
{
    private const int Blobs = 12_000;

    private const string Container = "bench";

    public static async Task<bool> RunAsync(int repetitions, CancellationToken cancellationToken)
    {
        await using var gateway = await BenchGateway.StartAsync(cancellationToken);
        await using var azurite = await Azurite.StartNewAsync();
        await using var server = await BenchServer.StartAsync(cancellationToken);
        using var folder = new TemporaryFolder();
        var database = await BenchDatabase.GetAsync(server, gigabytes: 1, cancellationToken);
        await new BlobContainerClient(azurite.ConnectionString, Container).CreateAsync(cancellationToken: cancellationToken);
        var local = new LocalBackupStore(folder.Path, TimeProvider.System);
        using var s3 = new S3BackupStore(gateway.Settings, TimeProvider.System, NullLogger<S3BackupStore>.Instance);
        using var azure = new AzureBackupStore(new AzureSettings { Connection = azurite.ConnectionString, Container = Container }, new StorePatience(), TimeProvider.System, NullLogger.Instance);
        var series = await Interleaved.RunAsync([SideOf("all three", local, s3, azure), SideOf("a folder", local), SideOf("S3", s3), SideOf("Azure", azure)], repetitions, cancellationToken);
        return Bound.Check("time of the slowest alone", series[0].TimesAsLongAs(series.Skip(1).MaxBy(one => one.MedianSeconds)!), 1.15)
            & await ListAsync(azure, new BlobContainerClient(azurite.ConnectionString, Container), cancellationToken);

        Side SideOf(string name, params IBackupStore[] stores) => new($"one dump to {name}", token => TakeAsync(database, stores, token));
    }

    private static async Task<Measurement> TakeAsync(DatabaseUrl database, IReadOnlyList<IBackupStore> stores, CancellationToken cancellationToken)
    {
        using var clients = new PostgresClients(new DatabaseSettings());
        var job = new BackupJob(new BackupSettings(), new MigrationSettings(), clients, new RunJournal(TimeProvider.System, NullLogger<RunJournal>.Instance), TimeProvider.System);
        var clock = Stopwatch.StartNew();
        var result = await job.RunAsync(new BackupRequest(database, BackupKind.Manual, stores, Triggers.Command), null, cancellationToken);
        clock.Stop();
        if (result.Failure is { } failure) throw failure;
        foreach (var store in stores) await store.DeleteAsync(await store.ListAsync("", cancellationToken).Select(found => found.Name).ToListAsync(cancellationToken), cancellationToken);
        return new Measurement(clock.Elapsed, result.Manifest.StoredBytes);
    }

    private static async Task<bool> ListAsync(IBackupStore store, BlobContainerClient client, CancellationToken cancellationToken)
    {
        await Parallel.ForAsync(0, Blobs, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken }, async (i, token) =>
            await client.UploadBlobAsync(string.Create(CultureInfo.InvariantCulture, $"{new AzureSettings().Prefix}deepsight_{i / 100:00000000}_{i % 100:000000}.sql.gz"), new BinaryData("x"), token));

        var clock = Stopwatch.StartNew();
        var names = await store.ListAsync("", cancellationToken).Select(found => found.Name).ToListAsync(cancellationToken);
        clock.Stop();
        if (names.Count != Blobs) throw new DeepSightException(FailureKind.Failed, $"{names.Count} blobs of {Blobs} were listed.");
        return Bound.Check($"listing {Blobs:N0} blobs, seconds", clock.Elapsed.TotalSeconds, 2);
    }
}
