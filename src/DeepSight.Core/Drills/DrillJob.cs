using System.Collections.Frozen;
using DeepSight.Core.Age;
using DeepSight.Core.Catalog;
using DeepSight.Core.Databases;
using DeepSight.Core.Dumps;
using DeepSight.Core.Dumps.Sealing;
using DeepSight.Core.Dumps.Signing;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Postgres.Sql;
using DeepSight.Core.Restore;
using DeepSight.Core.Restore.Loading;
using DeepSight.Core.Runs;
using DeepSight.Core.Storage;
using Microsoft.Extensions.Logging;

namespace DeepSight.Core.Drills;

/// <summary>
/// Proves that a backup restores: into a scratch database, dumped again through the inspector, compared line by line with the
/// manifest, dropped. Only then does it count as verified.
/// </summary>
public sealed class DrillJob(PostgresClients clients, RestoreSettings settings, RunJournal runs, TimeProvider clock, ILogger<DrillJob> log)
{
    private readonly DumpLoader loader = new(clients);

    /// <summary>Restores and compares, between the two writes of a run record that keeps retention from the backup.</summary>
    /// <param name="progress">Is told after every block, or null.</param>
    /// <exception cref="DeepSightException">
    /// It is not what its manifest says or does not come back as it was (<see cref="FailureKind.Corrupt"/>: it loses an earlier
    /// proof), or the drill could not be held.
    /// </exception>
    public Task<DrillResult> RestoreAsync(DrillRequest request, DatabaseUrl server, IProgress<RestoreProgress>? progress, CancellationToken cancellationToken) =>
        RecordAsync(request, progress, told => ProveAsync(request, server, told, cancellationToken), Describe, cancellationToken);

    /// <summary>
    /// Reads the file alone: hash, decompression, trailer and, with a manifest, every table's rows and checksum. A sealed one without an
    /// identity: the hash.
    /// </summary>
    /// <returns>What it holds. It proves nothing about restoring.</returns>
    /// <exception cref="DeepSightException">It is not what its manifest says (<see cref="FailureKind.Corrupt"/>).</exception>
    public Task<CheckedFile> CheckFileAsync(DrillRequest request, IProgress<RestoreProgress>? progress, CancellationToken cancellationToken) =>
        RecordAsync(request, progress, async told =>
        {
            var source = await FindAsync(request, cancellationToken);
            if (source is { IsSealed: true, Identities.Count: 0, Manifest: { } manifest })
            {
                await CheckHashAsync(source, manifest, cancellationToken);
                return new CheckedFile(manifest.Summary, WasOpened: false);
            }

            return new CheckedFile((await DumpLoader.CheckAsync(source, inOneTransaction: false, trustStatements: false, told, cancellationToken)).Summary, WasOpened: true);
        }, (record, file) => record with { Rows = file.Summary.Rows, SqlBytes = file.Summary.SqlBytes, Warnings = ["Only the file was checked; it was not restored."] }, cancellationToken);

    private static async Task CheckHashAsync(DumpSource source, BackupManifest manifest, CancellationToken cancellationToken)
    {
        await using var stored = await source.OpenAsync(cancellationToken);
        await using var hashed = new HashingStream(stored);
        if (await hashed.FinishAsync(cancellationToken) is var sha256 && sha256 != manifest.Sha256)
            throw DumpFormats.Corrupt(source, $"its SHA-256 is {sha256}, the manifest says {manifest.Sha256}");
    }

    private static async Task<StoredSource> FindAsync(DrillRequest request, CancellationToken cancellationToken)
    {
        var source = await StoredSource.FindAsync(request.Catalog, request.Entry, cancellationToken);
        TrustedKeys.Require(source);
        return source;
    }

    private Task<T> RecordAsync<T>(DrillRequest request, IProgress<RestoreProgress>? progress, Func<IProgress<RestoreProgress>, Task<T>> job,
        Func<RunRecord, T, RunRecord> describe, CancellationToken cancellationToken)
    {
        var started = runs.Start(JobNames.Verify, request.Trigger, null, request.Order) with { Backup = request.Entry.Name.ToString(), StoredBytes = request.Entry.StoredBytes };
        return runs.RecordAsync(request.RecordStores, started, async run =>
        {
            try
            {
                return await job(new RecordedProgress<RestoreProgress>(progress, run, static now => now.ForRecord));
            }
            // One that is sealed for others is none the worse, and keeps its proof.
            catch (DeepSightException e) when (e.Kind == FailureKind.Corrupt && e.InnerException is not AgeException { Failure: AgeFailure.NoMatch })
            {
                // The damage may be that of one copy; a dump that does not load is the same in each.
                IEnumerable<IBackupStore> refuted = e.SqlState is null ? [] : request.RecordStores;
                foreach (var store in refuted.Append(request.Catalog.Store).Distinct()) await TakeProofAsync(store, request.Entry.Name);
                throw;
            }
        }, describe, cancellationToken);
    }

    private async Task<DrillResult> ProveAsync(DrillRequest request, DatabaseUrl server, IProgress<RestoreProgress>? progress, CancellationToken cancellationToken)
    {
        var source = await FindAsync(request, cancellationToken);
        await SealedFile.RequireIdentityAsync(source, cancellationToken);
        await ClearUpAsync(server, cancellationToken);
        await using var roles = await DrillRoles.MakeAsync(server, source.Manifest?.Roles ?? [], cancellationToken);

        var startedAt = clock.GetUtcNow();
        var began = clock.GetTimestamp();
        await using var scratch = await ScratchDatabase.CreateAsync(server, request.Entry.Name.Stem, null, source.Manifest?.Locale, clock, cancellationToken);
        var rights = await LoadRights.DecideAsync(scratch.Maintenance, source, trustStatements: false, progress, cancellationToken);
        var (role, whyNot) = rights.ByOwnRole ? await LoadRole.TryMakeAsync(scratch, cancellationToken) : (null, rights.Why);
        var url = role?.Url ?? scratch.Url;
        var options = new LoadOptions { Sessions = settings.Sessions, KeptExtensions = role is null ? FrozenSet<string>.Empty : LoadOptions.ThereAlready };
        var loaded = await LoadAsync(source, scratch, url, options, progress, cancellationToken);
        var restored = clock.GetElapsedTime(began);

        progress?.Report(new RestoreProgress(RestorePhase.Comparing));
        var (found, version) = await DumpAgainAsync(url, cancellationToken);
        var comparison = DumpComparison.Of(source.Manifest?.Summary ?? loaded.Summary, found);
        if (comparison.Differences is [var first, ..])
            throw new DeepSightException(FailureKind.Corrupt,
                $"'{source.Name}' in {source.Location} restores, but to something else than was backed up: {first.Message}" +
                (comparison.Differences.Count > 1 ? $" And {comparison.Differences.Count - 1} more." : ""),
                $"take a new backup and verify it; until one passes, the last verified one is the safe one: `deepsight list`.");

        var result = new DrillResult
        {
            Name = source.Name,
            StartedAt = startedAt,
            FinishedAt = clock.GetUtcNow(),
            RestoreSeconds = Math.Round(restored.TotalSeconds, 1),
            Sha256 = loaded.Sha256,
            ServerVersion = version.ToString(),
            ToolVersion = ToolVersion.Current,
            Tables = found.Tables.Count,
            Rows = found.Rows,
            Notes = [.. scratch.Notes, .. comparison.Notes, .. whyNot is null ? Array.Empty<string>() : [whyNot]],
        };
        // Written last, and only beside the very copy that was restored.
        await request.Catalog.Store.ReplaceAsync(request.Entry.Name.Verified, Json.ToUtf8(result), cancellationToken);
        return result;
    }

    private async Task TakeProofAsync(IBackupStore store, BackupName name)
    {
        try
        {
            await store.DeleteAsync([name.Verified], CancellationToken.None);
        }
        catch (DeepSightException e)
        {
            log.LogWarning("'{Name}' was refuted by a drill, and its earlier proof could not be taken away in {Store}: {Reason}", name, store.Location, e.Message);
        }
    }

    /// <exception cref="DeepSightException">
    /// <see cref="FailureKind.Corrupt"/> where any server like the one that was dumped would refuse it; else the drill could not be held.
    /// </exception>
    private async Task<LoadResult> LoadAsync(DumpSource source, ScratchDatabase scratch, DatabaseUrl url, LoadOptions options, IProgress<RestoreProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            return await loader.LoadAsync(source, url, options, progress, cancellationToken);
        }
        catch (DeepSightException e) when (e.Kind == FailureKind.Failed)
        {
            if (DrillVerdict.IsOfBackup(e, source.Manifest, scratch)) throw DrillVerdict.Refuted(source, e);
            throw DrillVerdict.NotHeld(source, e, scratch.Notes);
        }
    }

    /// <summary>Scratch databases of drills that died, on this server.</summary>
    private static async Task ClearUpAsync(DatabaseUrl server, CancellationToken cancellationToken)
    {
        await using var connection = await PostgresServer.ConnectAsync(server, "deepsight verify", cancellationToken);
        await AbandonedDatabases.DropAsync(connection, server, cancellationToken);
    }

    private async Task<(DumpSummary Summary, PostgresVersion Server)> DumpAgainAsync(DatabaseUrl database, CancellationToken cancellationToken)
    {
        await using var connection = await PostgresServer.ConnectAsync(database, "deepsight verify", cancellationToken);
        var server = await PostgresServer.DescribeAsync(connection, cancellationToken);
        var client = await clients.ForDumpAsync(server.Version, cancellationToken);
        await connection.ExecuteAsync(Statistics.OfCatalogue, cancellationToken);
        var inspector = new DumpInspector();
        await using var dump = PostgresTools.StartDump(database, client, new DumpOptions { ApplicationName = "deepsight verify", SharesOwnSchema = server.SharesOwnSchema }, cancellationToken);
        var buffer = new byte[1 << 18];
        while (await dump.Output.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            inspector.Append(buffer.AsSpan(0, read));
        await dump.WaitForSuccessAsync();

        var summary = inspector.Complete();
        return summary.IsComplete ? (summary, server.Version) : throw new DeepSightException(FailureKind.Failed,
            "The dump of the restored database is not complete.", "run the drill again; if it happens again, look at the server's log.");
    }

    private static RunRecord Describe(RunRecord record, DrillResult result) => record with { Rows = result.Rows, Warnings = result.Notes };
}

/// <summary>What a check of a backup's file found.</summary>
/// <param name="Summary">By its manifest where it was not opened.</param>
/// <param name="WasOpened">False for a sealed one without an identity: its hash is that of the manifest, and no more is known.</param>
public sealed record CheckedFile(DumpSummary Summary, bool WasOpened);

/// <summary>Which copy of which backup to prove, and how.</summary>
/// <param name="RecordStores">Where the run record goes.</param>
/// <param name="Trigger">For the run record: <c>command</c>, <c>timer</c>, <c>http</c>.</param>
public sealed record DrillRequest(BackupCatalog Catalog, BackupEntry Entry, IReadOnlyList<IBackupStore> RecordStores, string Trigger)
{
    /// <summary>The request that it answers; or null.</summary>
    public RunOrder? Order { get; init; }
}
