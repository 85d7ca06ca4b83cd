using System.Globalization;

namespace DeepSight.Benchmarks.Measuring;

/// <summary>All runs of one side.</summary>
internal sealed record Series(string Name, IReadOnlyList<Measurement> Runs)
{
    public double MedianSeconds => Median([.. Runs.Select(run => run.Elapsed.TotalSeconds)]);

    public long Bytes => Runs[^1].Bytes;

    public long PeakMemoryBytes => Runs.Max(run => run.PeakMemoryBytes);

    /// <summary>
    /// How long this takes for each second of the other's: the median over pairs of neighbouring runs, so that what slows the
    /// machine for a while slows both.
    /// </summary>
    public double TimesAsLongAs(Series peer) =>
        Median([.. Runs.Zip(peer.Runs, (ours, theirs) => ours.Elapsed / theirs.Elapsed)]);

    /// <summary>A row of the table that <see cref="Interleaved"/> prints.</summary>
    public string Row(Series peer)
    {
        var seconds = Runs.Select(run => run.Elapsed.TotalSeconds).ToList();
        var size = Bytes > 0 ? $"{Bytes / 1e6:F1} MB" : "";
        var memory = PeakMemoryBytes > 0 ? $"{PeakMemoryBytes / 1024.0 / 1024:F0} MiB" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"| {Name} | {MedianSeconds:F2} s | {seconds.Min():F2}–{seconds.Max():F2} s | {TimesAsLongAs(peer):F3} | {size} | {memory} |");
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values.Length % 2 == 1 ? values[values.Length / 2] : (values[(values.Length / 2) - 1] + values[values.Length / 2]) / 2;
    }
}
