using System.Globalization;

namespace DeepSight.Benchmarks.Measuring;

/// <summary>A figure and what it may be at most.</summary>
internal static class Bound
{
    /// <summary>Prints the verdict and returns it.</summary>
    public static bool Check(string what, double value, double most)
    {
        var met = value <= most;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(met ? "met   " : "MISSED")}  {what}: {value:F3}, at most {most}"));
        return met;
    }
}
