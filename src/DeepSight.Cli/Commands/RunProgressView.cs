using DeepSight.Cli.Output;
using DeepSight.Core.Runs;

namespace DeepSight.Cli.Commands;

/// <summary>What a job of another process does now, as its run record tells.</summary>
internal sealed class RunProgressView(Terminal terminal) : IDisposable
{
    private readonly ProgressLine line = new(terminal);
    private string? phase;

    public void Show(RunProgress progress, DateTimeOffset startedAt)
    {
        if (phase != progress.Phase) line.BeginPhase();
        phase = progress.Phase;
        line.Report(() => Describe(progress, startedAt));
    }

    public void Dispose() => line.Dispose();

    public static ProgressStatus Describe(RunProgress progress, DateTimeOffset startedAt) => new(progress.Phase)
    {
        Done = progress.Done,
        Table = progress.Table,
        Amount = progress.StoredBytes > 0 ? Human.Size(progress.StoredBytes) : $"for {Human.Duration(progress.At - startedAt)}",
        TimeLeft = progress.EndsAt - progress.At,
    };
}
