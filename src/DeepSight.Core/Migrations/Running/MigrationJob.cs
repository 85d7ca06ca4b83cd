using DeepSight.Core.Catalog;
using DeepSight.Core.Postgres;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;

namespace DeepSight.Core.Migrations.Running;

/// <summary>What moves a database along its history, each with its run record; a dry run leaves none.</summary>
public sealed class MigrationJob(MigrationRunner runner, MigrationStamp stamp, BackupStores stores, RunJournal runs)
{
    /// <param name="trigger">For the run record: <c>command</c>, <c>timer</c>, <c>startup</c>.</param>
    public Task<MigrationResult> UpAsync(
        DatabaseUrl database, UpRequest request, string trigger, IProgress<MigrationStep>? progress, CancellationToken cancellationToken) =>
        RecordAsync(database, trigger, request.DryRun, progress, told => runner.UpAsync(database, request, told, cancellationToken), Describe, cancellationToken);

    public Task<MigrationResult> DownAsync(
        DatabaseUrl database, DownRequest request, string trigger, IProgress<MigrationStep>? progress, CancellationToken cancellationToken) =>
        RecordAsync(database, trigger, request.DryRun, progress, told => runner.DownAsync(database, request, told, cancellationToken), Describe, cancellationToken);

    public Task<StampResult> StampAsync(
        DatabaseUrl database, StampRequest request, string trigger, IProgress<MigrationStep>? progress, CancellationToken cancellationToken) =>
        RecordAsync(database, trigger, request.DryRun, progress, told => stamp.StampAsync(database, request, told, cancellationToken), Describe,
            cancellationToken);

    public Task<StampResult> AdoptAlembicAsync(
        DatabaseUrl database, IReadOnlyDictionary<string, string> map, bool dryRun, string trigger, IProgress<MigrationStep>? progress,
        CancellationToken cancellationToken) =>
        RecordAsync(database, trigger, dryRun, progress, told => stamp.AdoptAlembicAsync(database, map, dryRun, told, cancellationToken), Describe,
            cancellationToken);

    private Task<T> RecordAsync<T>(DatabaseUrl database, string trigger, bool dryRun, IProgress<MigrationStep>? progress,
        Func<IProgress<MigrationStep>?, Task<T>> job, Func<RunRecord, T, RunRecord> describe, CancellationToken cancellationToken) => dryRun
        ? job(progress)
        : runs.RecordAsync(stores.All, runs.Start(JobNames.Migrate, trigger, database.DatabaseId),
            run => job(new RecordedProgress<MigrationStep>(progress, run, static step => new RunProgress(EnumNames.Of(step.Kind), step.Script))),
            describe, cancellationToken);

    private static RunRecord Describe(RunRecord record, MigrationResult result) =>
        record with { Revisions = new RevisionChange(result.Before, result.After, result.Scripts.Count), Warnings = result.Notes };

    private static RunRecord Describe(RunRecord record, StampResult result) =>
        record with { Revisions = new RevisionChange(result.Before, result.After, 0) };
}
