using System.Diagnostics;
using System.Text;
using DeepSight.Core.Dumps.Signing;

namespace DeepSight.Benchmarks.Backup;

/// <summary>What a signature adds to a backup and its check to a restore, for the first time in a process: nothing is compiled or cached yet.</summary>
internal static class SigningCost
{
    /// <param name="bytes">About the size of the manifest; 250 a table is usual.</param>
    /// <returns>Seconds, of both.</returns>
    public static double OfManifest(int bytes)
    {
        // All that signing reads of a manifest is the line that it fills.
        var manifest = Encoding.ASCII.GetBytes($"{{\n  \"name\": \"{new string('x', bytes)}\",\n  \"signature\": null\n}}");
        var key = SigningKey.New();
        var started = Stopwatch.GetTimestamp();
        var signed = ManifestSignature.Add(manifest, key);
        var doubt = ManifestSignature.WhyUntrusted(signed, [key.Public]);
        var elapsed = Stopwatch.GetElapsedTime(started);
        return doubt is null ? elapsed.TotalSeconds : throw new InvalidOperationException(doubt);
    }
}
