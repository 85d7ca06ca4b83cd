using System.Globalization;
using System.Text.RegularExpressions;
using Cronos;

namespace DeepSight.Core.Settings;

/// <summary>Whether a host can read a schedule: NCRONTAB of five or six fields, or a time span between runs.</summary>
internal static partial class ScheduleText
{
    /// <summary>Null where it can be read. Cronos knows more than the crontab of the Functions host: what that refuses is refused here.</summary>
    public static string? Problem(string setting, string text, DateTime now)
    {
        var fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length is not (5 or 6))
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var interval) && interval > TimeSpan.Zero ? null : Wrong("five or six fields, or a time span");
        if (fields.Any(field => !field.Split(',').All(part => Part().IsMatch(part))) || fields[^1].Contains('7', StringComparison.Ordinal))
            return Wrong("fields of numbers, names, '*', ',', '-' and '/', with Sunday as 0");
        if (!CronExpression.TryParse(text, fields.Length == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard, out var cron)) return Wrong("fields within their ranges");
        return cron.GetNextOccurrence(now) is null ? Wrong("a day that exists") : null;

        string Wrong(string wanted) => $"{setting} is '{text}', which no host can read: it needs {wanted}.";
    }

    /// <summary>The next run after this time, UTC; null where the text can't be read.</summary>
    public static DateTime? Next(string text, DateTime now)
    {
        if (Problem("", text, now) is not null) return null;
        var fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
        return fields == 1 ? now + TimeSpan.Parse(text, CultureInfo.InvariantCulture)
            : CronExpression.Parse(text, fields == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard).GetNextOccurrence(now);
    }

    [GeneratedRegex(@"^(\*|([0-9]+|[A-Za-z]{3,9})(-([0-9]+|[A-Za-z]{3,9}))?)(/[0-9]+)?$")]
    private static partial Regex Part();
}
