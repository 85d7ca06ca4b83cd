using System.Globalization;

namespace DeepSight.Cli.Output;

/// <summary>Sizes, durations, ages and counts in the units a person reads.</summary>
internal static class Human
{
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB"];

    /// <summary><c>384 MB</c>, <c>4.1 GB</c>: powers of 1,000, two significant digits below ten.</summary>
    public static string Size(double bytes)
    {
        var unit = 0;
        while (bytes >= 999.5 && unit < Units.Length - 1)
        {
            bytes /= 1000;
            unit++;
        }

        return bytes.ToString(bytes < 9.95 && unit > 0 ? "0.0" : "0", CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    /// <summary><c>0.8 s</c>, <c>52.1 s</c>, <c>2 m 11 s</c>, <c>3 h 5 m</c>.</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 59.95 } => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
        { TotalMinutes: < 60 } => $"{(int)time.TotalMinutes} m {time.Seconds} s",
        _ => $"{(int)time.TotalHours} h {time.Minutes} m",
    };

    /// <summary><c>now</c>, <c>4 m</c>, <c>5 h</c>, <c>284 d</c>; a time to come is <c>in 3 h</c>.</summary>
    public static string Age(TimeSpan age) => age < TimeSpan.Zero ? "in " + Age(-age) : age switch
    {
        { TotalMinutes: < 1 } => "now",
        { TotalHours: < 1 } => $"{(int)age.TotalMinutes} m",
        { TotalDays: < 1 } => $"{(int)age.TotalHours} h",
        _ => $"{(int)age.TotalDays} d",
    };

    /// <summary><c>1,208</c>, <c>12.4 M</c>.</summary>
    public static string Count(long count) => count switch
    {
        < 1_000_000 => count.ToString("N0", CultureInfo.InvariantCulture),
        < 1_000_000_000 => (count / 1e6).ToString("0.0", CultureInfo.InvariantCulture) + " M",
        _ => (count / 1e9).ToString("0.0", CultureInfo.InvariantCulture) + " G",
    };

    /// <summary><c>0:09</c>, <c>12:40</c>, <c>1:02:03</c>.</summary>
    public static string Clock(TimeSpan time) =>
        time.TotalHours >= 1 ? $"{(int)time.TotalHours}:{time:mm\\:ss}" : $"{(int)time.TotalMinutes}:{time:ss}";
}
