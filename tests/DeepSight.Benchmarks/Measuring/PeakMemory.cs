using System.Diagnostics;
using System.Globalization;

namespace DeepSight.Benchmarks.Measuring;

/// <summary>The largest resident set of a running process, as the kernel keeps it: polled, since it is gone with the process.</summary>
internal static class PeakMemory
{
    /// <summary>Ends with the process; what it used at most, in bytes.</summary>
    public static async Task<long> WatchAsync(Process process, CancellationToken cancellationToken)
    {
        var exited = process.WaitForExitAsync(cancellationToken);
        var peak = 0L;
        while (!exited.IsCompleted)
        {
            peak = Math.Max(peak, Read(process.Id));
            await Task.WhenAny(exited, Task.Delay(20, cancellationToken));
        }

        await exited;
        return peak;
    }

    private static long Read(int processId)
    {
        const string key = "VmHWM:";
        try
        {
            var line = File.ReadLines($"/proc/{processId}/status").FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal));
            // "VmHWM:	   12345 kB"; a zombie has none.
            return line is null ? 0 : 1024 * long.Parse(line[key.Length..^2].Trim(), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
