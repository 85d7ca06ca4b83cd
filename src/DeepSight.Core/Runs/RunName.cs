using System.Globalization;
using System.Text.RegularExpressions;

namespace DeepSight.Core.Runs;

/// <summary>What a run record's object name tells: when the job started (to the second, UTC), which job, and the run's id.</summary>
public sealed partial record RunName(DateTimeOffset StartedAt, string Job, string Id, string ObjectName)
{
    /// <summary>Folder of all records.</summary>
    public const string Folder = "runs/";

    /// <summary>Folder of the records of this time's day (UTC).</summary>
    public static string FolderOf(DateTimeOffset day) => string.Create(CultureInfo.InvariantCulture, $"{Folder}{day.UtcDateTime:yyyy/MM/dd}/");

    /// <summary>The record of this object name, or null when it isn't one.</summary>
    public static RunName? TryParse(string objectName)
    {
        var match = Pattern().Match(objectName);
        if (!match.Success) return null;
        return DateTimeOffset.TryParseExact(match.Groups["start"].Value, "yyyy/MM/dd/HHmmss", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal, out var start)
            ? new RunName(start, match.Groups["job"].Value, match.Groups["id"].Value, objectName)
            : null;
    }

    [GeneratedRegex(@"\Aruns/(?<start>[0-9]{4}/[0-9]{2}/[0-9]{2}/[0-9]{6})_(?<job>[a-z]+)_(?<id>[A-Za-z0-9._-]+)\.json\z")]
    private static partial Regex Pattern();
}
