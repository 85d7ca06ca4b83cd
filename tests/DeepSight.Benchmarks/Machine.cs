using System.Globalization;
using System.Runtime.InteropServices;

namespace DeepSight.Benchmarks;

/// <summary>What figures depend on, without saying whose machine it is.</summary>
internal static class Machine
{
    public static string Describe()
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1024.0 / 1024 / 1024;
        return $"{Environment.ProcessorCount} cores{Model()}, {memory:F0} GiB, {RuntimeInformation.OSArchitecture}, "
            + $"{RuntimeInformation.FrameworkDescription}";
    }

    /// <summary>A warning when other work takes cores from both sides; null when the machine is quiet.</summary>
    public static string? Disturbance()
    {
        if (!File.Exists("/proc/loadavg")) return null;
        var load = double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
        return load < Environment.ProcessorCount * 0.5 ? null : $"load {load:F1}: other work is running, and the ratios below are not to be trusted";
    }

    private static string Model()
    {
        const string key = "model name";
        if (!File.Exists("/proc/cpuinfo")) return "";
        var line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal));
        return line is null ? "" : $" ({line[(line.IndexOf(':') + 1)..].Trim()})";
    }
}
