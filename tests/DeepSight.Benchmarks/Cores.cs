namespace DeepSight.Benchmarks;

/// <summary>
/// Where a server of the benchmark stands for one that is another machine's work: it gets the last core for itself, and all that is
/// measured shares the others.
/// </summary>
internal static class Cores
{
    public static string Ours { get; } = $"0-{Math.Max(0, Environment.ProcessorCount - 2)}";

    public static string Apart { get; } = $"{Environment.ProcessorCount - 1}";

    /// <summary>The line of a program that stays on these cores; null: on any.</summary>
    public static string[] Line(string? cores, string program) => cores is null ? [program] : ["taskset", "--cpu-list", cores, program];
}
