using System.Globalization;
using System.Text.RegularExpressions;
using Cronos;
using DeepSight.Core;

namespace DeepSight.LocalHost.Timers;

/// <summary>When a timer is due: a crontab in UTC, or a time span between runs.</summary>
internal sealed partial class Schedule
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly CronExpression? cron;
    private readonly TimeSpan interval;

    private Schedule(string text, CronExpression? cron, TimeSpan interval) => (Text, this.cron, this.interval) = (text, cron, interval);

    public string Text { get; }

    /// <summary>Five fields, six with seconds first, or a time span.</summary>
    /// <exception cref="DeepSightException">None of these, or nothing that ever comes due.</exception>
    public static Schedule Parse(string text, DateTimeOffset now)
    {
        var fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length is 5 or 6) return FromCron(text, fields, now);
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var interval) && interval > TimeSpan.Zero)
            return new Schedule(text, cron: null, interval);

        throw Wrong(text, "five or six fields, or a time span");
    }

    public DateTimeOffset Next(DateTimeOffset after) => cron is null
        ? after + interval
        : cron.GetNextOccurrence(after.UtcDateTime) is { } next ? new DateTimeOffset(next) : DateTimeOffset.MaxValue;

    /// <summary>Such schedules keep no status: the next run is never far.</summary>
    public bool IsMoreOftenThanAMinute(DateTimeOffset now) => Next(Next(now)) - Next(now) < Minute && IsEveryMinute;

    /// <summary>The real host looks at the fields: seconds alone may be restricted.</summary>
    private bool IsEveryMinute => cron is null || Text.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^5..].All(part => part == "*");

    private static Schedule FromCron(string text, string[] fields, DateTimeOffset now)
    {
        // Cronos knows more (L, W, #, ?, 7 for Sunday) than the crontab of the real host; what runs here must run there.
        if (fields.Any(field => !field.Split(',').All(part => Part().IsMatch(part))) || fields[^1].Contains('7', StringComparison.Ordinal))
            throw Wrong(text, "fields of numbers, names, '*', ',', '-' and '/', with Sunday as 0");

        try
        {
            var cron = CronExpression.Parse(text, fields.Length == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard);
            return cron.GetNextOccurrence(now.UtcDateTime) is not null
                ? new Schedule(text, cron, interval: default)
                : throw Wrong(text, "a day that exists");
        }
        catch (CronFormatException e)
        {
            throw Wrong(text, "fields within their ranges", e);
        }
    }

    private static DeepSightException Wrong(string text, string wanted, Exception? inner = null) => new(FailureKind.InvalidInput,
        $"the schedule '{text}' can't be read: it needs {wanted}", "for example '0 0 3 * * *' is every day at 03:00:00 UTC.", inner);

    [GeneratedRegex(@"^(\*|([0-9]+|[A-Za-z]{3,9})(-([0-9]+|[A-Za-z]{3,9}))?)(/[0-9]+)?$")]
    private static partial Regex Part();
}
