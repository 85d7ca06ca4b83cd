using DeepSight.Core;
using DeepSight.LocalHost.Timers;

namespace DeepSight.Tests.LocalHost;

public sealed class ScheduleTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 2, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("0 0 3 * * *", "2026-11-23T03:00:00Z")]
    [InlineData("0 3 * * *", "2026-11-23T03:00:00Z")]
    [InlineData("30 */5 * * * *", "2026-11-23T02:00:30Z")]
    [InlineData("0 0 0 1 Jan *", "2027-01-01T00:00:00Z")]
    [InlineData("0 0 12 * * Mon-Fri", "2026-11-23T12:00:00Z")]
    [InlineData("0 30 9 * * 0", "2026-11-29T09:30:00Z")]
    [InlineData("06:00:00", "2026-11-23T08:00:00Z")]
    public void The_next_run_is_in_UTC(string text, string expected) =>
        Assert.Equal(DateTimeOffset.Parse(expected, null), Schedule.Parse(text, Now).Next(Now));

    [Theory]
    [InlineData("")]
    [InlineData("every day")]
    [InlineData("0 0 25 * * *")]
    [InlineData("0 0 3 * *  * *")]
    [InlineData("0 0 0 30 Feb *")]
    [InlineData("0 0 3 L * *")]
    [InlineData("0 0 3 15W * *")]
    [InlineData("0 0 3 ? * *")]
    [InlineData("0 0 3 * * 5#2")]
    [InlineData("0 0 3 * * 7")]
    [InlineData("@daily")]
    [InlineData("00:00:00")]
    [InlineData("-01:00:00")]
    public void What_the_real_host_could_not_run_is_refused(string text)
    {
        var failure = Assert.Throws<DeepSightException>(() => Schedule.Parse(text, Now));
        Assert.Equal(FailureKind.InvalidInput, failure.Kind);
        Assert.Contains($"'{text}'", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*/10 * * * * *", true)]
    [InlineData("0,30 * * * * *", true)]
    [InlineData("0 * * * * *", false)]
    [InlineData("*/10 0 * * * *", false)]
    [InlineData("* * * * *", false)]
    [InlineData("00:00:59", true)]
    [InlineData("00:01:00", false)]
    public void More_often_than_once_a_minute_is_told_as_the_real_host_tells_it(string text, bool often) =>
        Assert.Equal(often, Schedule.Parse(text, Now).IsMoreOftenThanAMinute(Now));

    [Fact]
    public void A_status_of_another_schedule_begins_anew_and_nothing_was_missed()
    {
        var kept = new ScheduleStatus { Last = Now.AddDays(-3).UtcDateTime, Next = Now.AddDays(-2).UtcDateTime };
        var status = ScheduleMonitor.Begin(Schedule.Parse("0 0 5 * * *", Now), kept, Now);
        Assert.Equal(new DateTime(2026, 11, 23, 5, 0, 0, DateTimeKind.Utc), status.Next);
        Assert.False(ScheduleMonitor.IsPastDue(status, Now));
    }

    [Fact]
    public void A_run_a_little_early_does_not_come_due_twice()
    {
        var schedule = Schedule.Parse("0 0 3 * * *", Now);
        var due = new DateTime(2026, 11, 23, 3, 0, 0, DateTimeKind.Utc);
        var after = ScheduleMonitor.After(schedule, new ScheduleStatus { Next = due }, new DateTimeOffset(due).AddMilliseconds(-300), onSchedule: true);
        Assert.Equal((due, due.AddDays(1)), (after.Last, after.Next));
    }
}
