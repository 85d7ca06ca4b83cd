using DeepSight.Cli.Output;
using DeepSight.Core.Restore;

namespace DeepSight.Cli.Commands;

/// <summary>How far a running restore is, phase by phase.</summary>
internal sealed class RestoreProgressView(Terminal terminal) : IProgress<RestoreProgress>, IDisposable
{
    /// <summary>Less of the file says nothing about the rest.</summary>
    private const double FirstEstimate = 0.01;

    private readonly ProgressLine line = new(terminal);
    private RestorePhase? phase;

    public void Report(RestoreProgress value)
    {
        if (phase != value.Phase) line.BeginPhase();
        phase = value.Phase;
        line.Report(() => Describe(value));
    }

    public void Dispose() => line.Dispose();

    private ProgressStatus Describe(RestoreProgress value)
    {
        var status = new ProgressStatus(value.PhaseName) { Table = value.Table };
        if (value.SqlBytes > 0 && line.Seconds is { } seconds) status = status with { Rate = $"{Human.Size(value.SqlBytes / seconds)}/s" };
        if (value.StoredTotal > 0) return WithShare(status, value);

        // Of the backup that comes first nobody knows the end.
        return value.SqlBytes > 0 ? status with { Amount = $"{Human.Size(value.StoredBytes)} stored" } : status;
    }

    private ProgressStatus WithShare(ProgressStatus status, RestoreProgress value)
    {
        var done = Math.Min(1, (double)value.StoredBytes / value.StoredTotal);
        return status with
        {
            Done = done,
            TimeLeft = done is > FirstEstimate and < 1 && line.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds * (1 - done) / done) : null,
        };
    }
}
