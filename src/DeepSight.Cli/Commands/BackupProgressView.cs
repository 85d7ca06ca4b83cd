using System.Diagnostics;
using DeepSight.Cli.Output;
using DeepSight.Core.Backup;

namespace DeepSight.Cli.Commands;

/// <summary>
/// The line that a running backup redraws on a terminal; in a pipe, a plain line every ten seconds, so that a log shows that
/// it lives.
/// </summary>
internal sealed class BackupProgressView : IProgress<BackupProgress>, IDisposable
{
    private const int BarWidth = 25;
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DrawInterval = TimeSpan.FromMilliseconds(100);

    private readonly Terminal terminal;
    private readonly Stopwatch elapsed = Stopwatch.StartNew();
    private TimeSpan lastShown;
    private bool drawn;

    private BackupProgressView(Terminal terminal) => this.terminal = terminal;

    public static BackupProgressView Start(Terminal terminal) => new(terminal);

    public void Report(BackupProgress value)
    {
        if (elapsed.Elapsed - lastShown < (terminal.ShowsProgress ? DrawInterval : LogInterval)) return;

        lastShown = elapsed.Elapsed;
        if (terminal.ShowsProgress) Draw(Describe(value));
        else terminal.Note("  " + Describe(value));
    }

    public void Dispose()
    {
        if (drawn) Draw("");
        drawn = false;
    }

    private string Describe(BackupProgress value)
    {
        var rate = value.SqlBytes / Math.Max(elapsed.Elapsed.TotalSeconds, 0.001);
        var parts = new List<string> { "dumping" };
        if (value.ExpectedSqlBytes is > 0 and { } expected)
        {
            // The last backup's size is a guess: never claim to be done before it is.
            var done = Math.Min(0.99, (double)value.SqlBytes / expected);
            if (terminal.ShowsProgress) parts.Add(new string('█', (int)(done * BarWidth)).PadRight(BarWidth, '░'));
            parts.Add($"{done * 100:0}%");
        }

        if (value.Table is { } table) parts.Add(table);
        parts.Add($"{Human.Size(rate)}/s");
        parts.Add($"{Human.Size(value.StoredBytes)} stored");
        if (value.ExpectedSqlBytes is { } total && total > value.SqlBytes && rate > 0)
            parts.Add("ETA " + Human.Clock(TimeSpan.FromSeconds((total - value.SqlBytes) / rate)));
        return string.Join("   ", parts);
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
