using System.Diagnostics;
using System.Diagnostics.Metrics;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Runs;

/// <summary>
/// A trace span and metrics of every run, by .NET's own sources (both named <c>DeepSight</c>), for whoever listens; see
/// <see cref="OtlpExport"/>.
/// </summary>
public sealed class JobTelemetry : IRunObserver
{
    public const string Name = "DeepSight";

    private static readonly ActivitySource Source = new(Name, ToolVersion.Current);
    private static readonly Meter Meter = new(Name, ToolVersion.Current);
    private static readonly Counter<long> Runs = Meter.CreateCounter<long>("deepsight.job.runs", "{run}", "Runs that ended, by job and status.");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("deepsight.job.duration", "s", "How long runs took.");
    private static readonly Histogram<long> StoredBytes = Meter.CreateHistogram<long>("deepsight.backup.stored_bytes", "By", "Size of good backups as stored.");
    private static readonly Histogram<long> Rows = Meter.CreateHistogram<long>("deepsight.backup.rows", "{row}", "Rows in good backups.");

    private static long newestGoodTicks;

    static JobTelemetry() => Meter.CreateObservableGauge("deepsight.backup.age", ObserveAge, "s", "Age of the newest good backup that this process knows of.");

    /// <param name="export">Listens before the first run starts.</param>
    public JobTelemetry(OtlpExport export) => ArgumentNullException.ThrowIfNull(export);

    /// <summary>The run's span; null while nobody listens.</summary>
    internal static Activity? Begin(RunRecord run) => Source.StartActivity($"deepsight {run.Job}")
        ?.SetTag("deepsight.run.id", run.Id).SetTag("deepsight.run.trigger", run.Trigger);

    /// <summary>Tells the gauge of a backup that was seen in a store.</summary>
    internal static void SawGoodBackup(DateTimeOffset time)
    {
        var seen = Interlocked.Read(ref newestGoodTicks);
        while (seen < time.UtcTicks && Interlocked.CompareExchange(ref newestGoodTicks, time.UtcTicks, seen) is var now && now != seen) seen = now;
    }

    internal static void End(Activity? span, RunRecord run)
    {
        span?.SetTag("deepsight.run.status", EnumNames.Of(run.Status)).SetTag("deepsight.backup.name", run.Backup)
            .SetTag("deepsight.backup.stored_bytes", run.StoredBytes).SetTag("deepsight.backup.rows", run.Rows)
            .SetStatus(run.Status == RunStatus.Succeeded ? ActivityStatusCode.Ok : ActivityStatusCode.Error, run.Error);
    }

    public Task EndedAsync(RunRecord run, IReadOnlyList<IBackupStore> stores, CancellationToken cancellationToken)
    {
        var tags = new TagList { { "job", run.Job }, { "status", EnumNames.Of(run.Status) } };
        Runs.Add(1, tags);
        if (run.FinishedAt is { } end) Duration.Record((end - run.StartedAt).TotalSeconds, tags);
        if (run is { Job: JobNames.Backup, Status: RunStatus.Succeeded })
        {
            StoredBytes.Record(run.StoredBytes ?? 0);
            Rows.Record(run.Rows ?? 0);
            SawGoodBackup(run.StartedAt);
        }

        return Task.CompletedTask;
    }

    private static IEnumerable<Measurement<double>> ObserveAge() =>
        Interlocked.Read(ref newestGoodTicks) is > 0 and var ticks ? [new Measurement<double>(TimeSpan.FromTicks(TimeProvider.System.GetUtcNow().UtcTicks - ticks).TotalSeconds)] : [];
}
