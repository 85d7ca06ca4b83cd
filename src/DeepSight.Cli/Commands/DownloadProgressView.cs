using DeepSight.Cli.Output;
using DeepSight.Core.Catalog;

namespace DeepSight.Cli.Commands;

/// <summary>How far a running download or copy is.</summary>
internal sealed class DownloadProgressView(Terminal terminal, string doing = "downloading") : IProgress<DownloadProgress>, IDisposable
{
    private readonly ProgressLine line = new(terminal);

    public void Report(DownloadProgress value) => line.Report(() => Describe(value));

    public void Dispose() => line.Dispose();

    private ProgressStatus Describe(DownloadProgress value)
    {
        var rate = line.Seconds is { } seconds ? value.Bytes / seconds : 0;
        return new ProgressStatus(doing)
        {
            Done = (double)value.Bytes / value.TotalBytes,
            Amount = $"{Human.Size(value.Bytes)} of {Human.Size(value.TotalBytes)}",
            Rate = rate > 0 ? $"{Human.Size(rate)}/s" : null,
            TimeLeft = rate > 0 ? TimeSpan.FromSeconds((value.TotalBytes - value.Bytes) / rate) : null,
        };
    }
}
