
namespace DeepSight.LocalHost.Timers;

/// <summary>The rules by which a timer's status moves on: pure functions of schedule, status and time.</summary>
internal static class ScheduleMonitor
{
    /// <summary>What a clock that is kept right may be set back by.</summary>
    private static readonly TimeSpan ClockSlack = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The status to begin with. One kept under another schedule begins anew: its next run may lie in the past
    /// only because the schedule changed, and nothing was missed.
    /// </summary>
    public static ScheduleStatus Begin(Schedule schedule, ScheduleStatus? kept, DateTimeOffset now)
    {
        if (kept is null || IsOfTheFuture(kept, now)) return Fresh(schedule, now);

        var basis = Basis(kept);
        var expected = schedule.Next(Utc(basis));
        if (Utc(kept.Next) == expected) return kept;

        return expected < now
            ? Fresh(schedule, now)
            : new ScheduleStatus { Next = expected.UtcDateTime, LastUpdated = Utc(basis).UtcDateTime };
    }

    /// <summary>
    /// A run or a beginning that is still to come: a clock was wrong when it was written, or is wrong now. Followed, such a status
    /// would keep the timer from running until then.
    /// </summary>
    public static bool IsOfTheFuture(ScheduleStatus status, DateTimeOffset now) => Utc(Basis(status)) > now + ClockSlack;

    public static bool IsPastDue(ScheduleStatus status, DateTimeOffset now) => now > Utc(status.Next);

    /// <summary>
    /// The status after a run that started at <paramref name="started"/>. A clock that woke us a little early
    /// must not make the same moment due twice.
    /// </summary>
    public static ScheduleStatus After(Schedule schedule, ScheduleStatus status, DateTimeOffset started, bool onSchedule)
    {
        var ran = onSchedule && Utc(status.Next) > started ? Utc(status.Next) : started;
        return new ScheduleStatus { Last = ran.UtcDateTime, Next = schedule.Next(ran).UtcDateTime, LastUpdated = ran.UtcDateTime };
    }

    public static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));

    private static DateTime Basis(ScheduleStatus status) => status.Last == default ? status.LastUpdated : status.Last;

    private static ScheduleStatus Fresh(Schedule schedule, DateTimeOffset now) =>
        new() { Next = schedule.Next(now).UtcDateTime, LastUpdated = now.UtcDateTime };
}
