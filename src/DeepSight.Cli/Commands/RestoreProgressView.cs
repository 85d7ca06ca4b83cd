using System.Diagnostics;
using DeepSight.Cli.Output;
using DeepSight.Core.Restore;

namespace DeepSight.Cli.Commands;

/// <summary>The line that a running restore redraws on a terminal; in a pipe, a plain line at each phase and every ten seconds.</summary>
internal sealed class RestoreProgressView(Terminal terminal) : IProgress<RestoreProgress>, IDisposable
{
    private const int BarWidth = 25;
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DrawInterval = TimeSpan.FromMilliseconds(100);

    private readonly Stopwatch elapsed = Stopwatch.StartNew();
    private TimeSpan lastShown;
    private TimeSpan phaseBegan;
    private RestorePhase? phase;
    private bool drawn;

    public void Report(RestoreProgress value)
    {
        var isNew = phase != value.Phase;
        if (isNew) (phase, phaseBegan) = (value.Phase, elapsed.Elapsed);
        if (!isNew && elapsed.Elapsed - lastShown < (terminal.ShowsProgress ? DrawInterval : LogInterval)) return;

        lastShown = elapsed.Elapsed;
        if (terminal.ShowsProgress) Draw(Describe(value));
        else terminal.Note("  " + Describe(value));
    }

    public void Dispose()
    {
        if (drawn) Draw("");
        drawn = false;
    }

    private string Describe(RestoreProgress value)
    {
        var parts = new List<string>
        {
            value.Phase switch
            {
                RestorePhase.Checking => "reading the whole file first",
                RestorePhase.BackingUp => "backing up what is there",
                RestorePhase.Loading => "loading",
                RestorePhase.Granting => "owners and grants",
                RestorePhase.Analyzing => "gathering statistics",
                RestorePhase.Comparing => "comparing with the backup",
                _ => "publishing",
            },
        };
        if (value.StoredTotal > 0) parts.AddRange(Share(value));
        else if (value.SqlBytes > 0) parts.AddRange(Amount(value));
        return string.Join("   ", parts);
    }

    /// <summary>Of the backup that comes first, whose end nobody knows.</summary>
    private IEnumerable<string> Amount(RestoreProgress value)
    {
        if (value.Table is { } table) yield return table;
        yield return $"{Human.Size(value.SqlBytes / Math.Max((elapsed.Elapsed - phaseBegan).TotalSeconds, 0.001))}/s";
        yield return $"{Human.Size(value.StoredBytes)} stored";
    }

    private IEnumerable<string> Share(RestoreProgress value)
    {
        var seconds = Math.Max((elapsed.Elapsed - phaseBegan).TotalSeconds, 0.001);
        var done = Math.Min(1, (double)value.StoredBytes / value.StoredTotal);
        if (terminal.ShowsProgress) yield return new string('█', (int)(done * BarWidth)).PadRight(BarWidth, '░');
        yield return $"{done * 100:0}%";
        if (value.Table is { } table) yield return table;
        yield return $"{Human.Size(value.SqlBytes / seconds)}/s";
        if (done is > 0.01 and < 1) yield return "ETA " + Human.Clock(TimeSpan.FromSeconds(seconds * (1 - done) / done));
    }

    /// <summary>Back to the start of the line, and the rest of the line cleared (ECMA-48 EL).</summary>
    private void Draw(string text)
    {
        drawn = true;
        var width = Math.Max(terminal.Progress.Profile.Width - 3, 20);
        if (text.Length > width) text = text[..width];
        Console.Error.Write(text.Length == 0 ? "\r\e[K" : $"\r\e[K  {text}");
    }
}
