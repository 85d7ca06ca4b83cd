using DeepSight.Cli.Output;
using DeepSight.Core.Backup;

namespace DeepSight.Cli.Commands;

/// <summary>How far a running download is.</summary>
internal sealed class DownloadProgressView(Terminal terminal) : IProgress<DownloadProgress>, IDisposable
{
    private readonly ProgressLine line = new(terminal);

    public void Report(DownloadProgress value) => line.Report(() => Describe(value));

    public void Dispose() => line.Dispose();

    private IEnumerable<string> Describe(DownloadProgress value)
    {
        var rate = value.Bytes / Math.Max(line.Elapsed.TotalSeconds, 0.001);
        yield return "downloading";
        foreach (var part in line.Share((double)value.Bytes / value.TotalBytes)) yield return part;
        yield return $"{Human.Size(value.Bytes)} of {Human.Size(value.TotalBytes)}";
        yield return $"{Human.Size(rate)}/s";
        if (rate > 0) yield return "ETA " + Human.Clock(TimeSpan.FromSeconds((value.TotalBytes - value.Bytes) / rate));
    }
}
