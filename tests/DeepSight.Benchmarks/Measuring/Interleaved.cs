namespace DeepSight.Benchmarks.Measuring;

/// <summary>Runs sides in turns, A B A B, so that none has the machine at a better hour.</summary>
internal static class Interleaved
{
    /// <summary>Runs and prints them; the last side is the peer that the others are compared with.</summary>
    public static async Task<IReadOnlyList<Series>> RunAsync(IReadOnlyList<Side> sides, int repetitions, CancellationToken cancellationToken)
    {
        var runs = sides.Select(_ => new List<Measurement>()).ToList();
        for (var repetition = 0; repetition < repetitions; repetition++)
        {
            for (var side = 0; side < sides.Count; side++)
                runs[side].Add(await sides[side].RunAsync(cancellationToken));
        }

        var series = sides.Select((side, index) => new Series(side.Name, runs[index])).ToList();
        Console.WriteLine("| | median | min–max | times the last row's | size | peak memory |\n|---|---|---|---|---|---|");
        foreach (var one in series) Console.WriteLine(one.Row(series[^1]));
        return series;
    }
}
