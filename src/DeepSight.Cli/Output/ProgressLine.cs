using System.Diagnostics;

namespace DeepSight.Cli.Output;

/// <summary>
/// The line that a running job redraws on a terminal; in a pipe, a plain line every ten seconds, so that a log shows that it
/// lives.
/// </summary>
internal sealed class ProgressLine(Terminal terminal) : IDisposable
{
    private const int BarWidth = 25;
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DrawInterval = TimeSpan.FromMilliseconds(100);

    private readonly Stopwatch elapsed = Stopwatch.StartNew();
    private TimeSpan lastShown;
    private bool drawn;

    public TimeSpan Elapsed => elapsed.Elapsed;

    /// <summary>Shows the parts, if it is time to: describing them is left until then.</summary>
    public void Report(Func<IEnumerable<string>> describe)
    {
        if (elapsed.Elapsed - lastShown < (terminal.ShowsProgress ? DrawInterval : LogInterval)) return;

        lastShown = elapsed.Elapsed;
        var text = string.Join("   ", describe());
        if (terminal.ShowsProgress) Draw(text);
        else terminal.Note("  " + text);
    }

    /// <summary>The bar on a terminal, and the percentage.</summary>
    /// <param name="done">From 0 to 1.</param>
    public IEnumerable<string> Share(double done)
    {
        if (terminal.ShowsProgress) yield return new string('█', (int)(done * BarWidth)).PadRight(BarWidth, '░');
        yield return $"{done * 100:0}%";
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
        var width = Math.Max(terminal.Progress.Profile.Width - 3, 20);
        if (text.Length > width) text = text[..width];
        Console.Error.Write(text.Length == 0 ? "\r\e[K" : $"\r\e[K  {text}");
    }
}
