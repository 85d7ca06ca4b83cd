using System.Diagnostics;

namespace DeepSight.Cli.Output;

/// <summary>
/// The line that a running job redraws on a terminal; in a pipe, a plain line every ten seconds, so that a log shows that it
/// lives.
/// </summary>
internal sealed class ProgressLine(Terminal terminal) : IDisposable
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DrawInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Before it a rate is chance, and so is what follows from it.</summary>
    private static readonly TimeSpan FirstRate = TimeSpan.FromSeconds(1);

    private readonly Stopwatch elapsed = Stopwatch.StartNew();
    private TimeSpan lastShown;
    private TimeSpan phaseBegan;
    private bool drawn;

    /// <summary>A second since the phase began, or longer; else null.</summary>
    public double? Seconds => elapsed.Elapsed - phaseBegan is var time && time >= FirstRate ? time.TotalSeconds : null;

    /// <summary>Rates are those of a new phase from here on, and its first report is shown at once.</summary>
    public void BeginPhase()
    {
        phaseBegan = elapsed.Elapsed;
        lastShown = TimeSpan.MinValue;
    }

    /// <summary>Shows the status, if it is time to: describing it is left until then.</summary>
    public void Report(Func<ProgressStatus> describe)
    {
        if (lastShown > TimeSpan.MinValue && elapsed.Elapsed - lastShown < (terminal.ShowsProgress ? DrawInterval : LogInterval)) return;

        lastShown = elapsed.Elapsed;
        var status = describe();
        if (terminal.ShowsProgress) Draw(status.In(Math.Max(terminal.Progress.Profile.Width - 3, 20)));
        else terminal.Note($"  {status}");
    }

    public void Dispose()
    {
        if (drawn) Draw("");
        drawn = false;
    }

    /// <summary>Back to the start of the line, and the rest of the line cleared (ECMA-48 EL).</summary>
    private void Draw(string text)
    {
        drawn = true;
        Console.Error.Write(text.Length == 0 ? "\r\e[K" : $"\r\e[K  {text}");
    }
}
