using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Retention;

namespace DeepSight.Tests.Retention;

/// <summary>Decision tables, to be read.</summary>
public sealed class RetentionPolicyTests
{
    [Fact]
    public void By_age_alone() => Check(
        new RetentionSettings { KeepDays = 3 }, "2026-03-31 12:00", Histories.Daily("2026-03-22", 10),
        """
        2026-03-31 03:00  keep    last good, within 3 days, the last one
        2026-03-30 03:00  keep    within 3 days   (and 2 more, to 2026-03-28 03:00)
        2026-03-27 03:00  delete  older than 3 days, and no other rule names it   (and 5 more, to 2026-03-22 03:00)
        """);

    [Fact]
    public void When_backups_stopped_ages_count_back_from_the_last_good_one() => Check(
        new RetentionSettings { KeepDays = 3 }, "2026-06-30 12:00", Histories.Daily("2026-03-26", 6),
        """
        2026-03-31 03:00  keep    last good, within 3 days, the last one
        2026-03-30 03:00  keep    within 3 days   (and 2 more, to 2026-03-28 03:00)
        2026-03-27 03:00  delete  older than 3 days, and no other rule names it
        2026-03-26 03:00  delete  older than 3 days, and no other rule names it
        ! The newest good backup is 91 days old: ages count back from 2026-03-31, not from today.
        """);

    [Fact]
    public void Grandfather_father_son() => Check(
        new RetentionSettings { KeepDays = 1, KeepDaily = 4, KeepWeekly = 3, KeepMonthly = 3, KeepYearly = 2 }, "2026-03-11 12:00",
        [.. Histories.Daily("2025-12-25", 77)],
        """
        2026-03-11 03:00  keep    last good, within 1 day, the last one, daily 2026-03-11, weekly 2026-W11, monthly 2026-03, yearly 2026
        2026-03-10 03:00  keep    within 1 day, daily 2026-03-10
        2026-03-09 03:00  keep    daily 2026-03-09
        2026-03-08 03:00  keep    daily 2026-03-08, weekly 2026-W10
        2026-03-07 03:00  delete  older than 1 day, and no other rule names it   (and 5 more, to 2026-03-02 03:00)
        2026-03-01 03:00  keep    weekly 2026-W09
        2026-02-28 03:00  keep    monthly 2026-02
        2026-02-27 03:00  delete  older than 1 day, and no other rule names it   (and 26 more, to 2026-02-01 03:00)
        2026-01-31 03:00  keep    monthly 2026-01
        2026-01-30 03:00  delete  older than 1 day, and no other rule names it   (and 29 more, to 2026-01-01 03:00)
        2025-12-31 03:00  keep    yearly 2025
        2025-12-30 03:00  delete  older than 1 day, and no other rule names it   (and 5 more, to 2025-12-25 03:00)
        """);

    [Fact]
    public void Mixed_rules_pins_and_proofs() => Check(
        new RetentionSettings { KeepDays = 2, KeepLast = 4, KeepMonthly = 2 }, "2026-03-31 12:00",
        [
            Histories.Backup("2026-03-31"),
            Histories.Backup("2026-03-30 18:00"),
            Histories.Backup("2026-03-30"),
            Histories.Backup("2026-03-20"),
            Histories.Backup("2026-03-15 verified"),
            Histories.Backup("2026-03-01 verified"),
            Histories.Backup("2026-02-14 pinned"),
            Histories.Backup("2026-02-13"),
        ],
        """
        2026-03-31 03:00  keep    last good, within 2 days, one of the last 4, monthly 2026-03
        2026-03-30 18:00  keep    within 2 days, one of the last 4
        2026-03-30 03:00  keep    within 2 days, one of the last 4
        2026-03-20 03:00  keep    one of the last 4
        2026-03-15 03:00  keep    last verified
        2026-03-01 03:00  delete  older than 2 days, and no other rule names it
        2026-02-14 03:00  keep    pinned, monthly 2026-02
        2026-02-13 03:00  delete  older than 2 days, and no other rule names it
        """);

    [Fact]
    public void Dates_in_the_future_neither_count_nor_die() => Check(
        new RetentionSettings { KeepDays = 1 }, "2026-03-31 12:00",
        [Histories.Backup("2099-01-01 verified"), Histories.Backup("2026-03-31"), Histories.Backup("2026-03-30"), Histories.Backup("2026-03-29")],
        """
        2099-01-01 03:00  keep    dated in the future
        2026-03-31 03:00  keep    last good, within 1 day, the last one
        2026-03-30 03:00  keep    within 1 day
        2026-03-29 03:00  delete  older than 1 day, and no other rule names it
        ! app_20990101_030000.sql.gz is dated in the future: kept, and it counts for no rule. Was a clock wrong?
        """);

    [Fact]
    public void The_clock_set_back_by_a_year_deletes_nothing() => Check(
        new RetentionSettings { KeepDays = 1 }, "2025-03-31 12:00",
        [Histories.Backup("2026-03-31"), Histories.Backup("2026-03-29"), Histories.Backup("2025-03-31")],
        """
        2026-03-31 03:00  keep    dated in the future
        2026-03-29 03:00  keep    dated in the future
        2025-03-31 03:00  keep    last good, within 1 day, the last one
        ! app_20260331_030000.sql.gz is dated in the future: kept, and it counts for no rule. Was a clock wrong?
        ! app_20260329_030000.sql.gz is dated in the future: kept, and it counts for no rule. Was a clock wrong?
        """);

    [Fact]
    public void Backups_taken_before_a_restore_have_days_of_their_own_and_count_for_nothing_else() => Check(
        new RetentionSettings { KeepDays = 1, KeepLast = 2, KeepPreRestoreDays = 5 }, "2026-03-31 12:00",
        [
            Histories.Backup("2026-03-31 04:00 pre-restore"),
            Histories.Backup("2026-03-31"),
            Histories.Backup("2026-03-27 pre-restore"),
            Histories.Backup("2026-03-20"),
            Histories.Backup("2026-03-19 pre-restore"),
            Histories.Backup("2026-03-18"),
        ],
        """
        2026-03-31 04:00  keep    pre-restore, within 5 days
        2026-03-31 03:00  keep    last good, within 1 day, one of the last 2
        2026-03-27 03:00  keep    pre-restore, within 5 days
        2026-03-20 03:00  keep    one of the last 2
        2026-03-19 03:00  delete  pre-restore, older than 5 days
        2026-03-18 03:00  delete  older than 1 day, and no other rule names it
        """);

    [Fact]
    public void The_old_tools_backups_count_but_never_push_out_a_good_one() => Check(
        new RetentionSettings { KeepDays = 1, KeepLast = 2, KeepMonthly = 1 }, "2026-03-31 12:00",
        [
            Histories.Backup("2026-03-31 old"),
            Histories.Backup("2026-03-30 old"),
            Histories.Backup("2026-03-20"),
            Histories.Backup("2026-03-10"),
            Histories.Backup("2026-03-09 old"),
        ],
        """
        2026-03-31 03:00  keep    newest of the old tool's, within 1 day
        2026-03-30 03:00  keep    within 1 day
        2026-03-20 03:00  keep    last good, within 1 day, one of the last 2, monthly 2026-03
        2026-03-10 03:00  keep    one of the last 2
        2026-03-09 03:00  delete  older than 1 day, and no other rule names it
        ! The newest good backup is 11 days old: ages count back from 2026-03-20, not from today.
        """);

    [Fact]
    public void The_old_tools_backups_alone_are_kept_by_age() => Check(
        new RetentionSettings { KeepDays = 2 }, "2026-03-31 12:00",
        [Histories.Backup("2026-03-31 old"), Histories.Backup("2026-03-30 old"), Histories.Backup("2026-03-20 old")],
        """
        2026-03-31 03:00  keep    newest of the old tool's, within 2 days, the last one
        2026-03-30 03:00  keep    within 2 days
        2026-03-20 03:00  delete  older than 2 days, and no other rule names it
        """);

    [Fact]
    public void Empty_files_of_a_tool_that_failed_do_not_push_out_what_may_restore() => Check(
        new RetentionSettings { KeepDays = 2 }, "2026-03-31 12:00",
        [Histories.Backup("2026-03-31 old") with { StoredBytes = 0 }, Histories.Backup("2026-03-20 old")],
        """
        2026-03-31 03:00  keep    within 2 days
        2026-03-20 03:00  keep    newest of the old tool's, within 2 days, the last one
        ! The newest good backup is 11 days old: ages count back from 2026-03-20, not from today.
        """);

    [Fact]
    public void An_empty_dump_is_no_good_one_whatever_lies_beside_it() => Check(
        new RetentionSettings { KeepDays = 1, KeepDaily = 2 }, "2026-03-31 12:00",
        [
            Histories.Backup("2026-03-31 verified") with { StoredBytes = 0 },
            Histories.Backup("2026-03-28"),
            Histories.Backup("2026-03-27"),
            Histories.Backup("2026-03-26"),
        ],
        """
        2026-03-31 03:00  keep    within 1 day
        2026-03-28 03:00  keep    last good, within 1 day, the last one, daily 2026-03-28
        2026-03-27 03:00  keep    within 1 day, daily 2026-03-27
        2026-03-26 03:00  delete  older than 1 day, and no other rule names it
        ! The newest good backup is 3 days old: ages count back from 2026-03-28, not from today.
        """);

    [Fact]
    public void What_is_held_stays()
    {
        var backups = Histories.Daily("2026-03-01", 31);
        var holds = new Dictionary<BackupName, string> { [backups[0].Name] = "in use by the restore 4711" };

        var plan = RetentionPolicy.Decide(backups, holds, new RetentionSettings { KeepDays = 1 }, Histories.Time("2026-03-31 12:00"));

        Assert.Equal(["in use by the restore 4711"], plan.Decisions[^1].Reasons);
        Assert.True(plan.Decisions[^1].Keep);
    }

    [Theory]
    [InlineData(5, 1, true)] // only the newest would be left
    [InlineData(4, 1, false)] // of few, too
    [InlineData(31, 4, false)]
    [InlineData(50, 5, false)]
    [InlineData(50, 3, true)] // three of fifty
    public void A_plan_that_leaves_next_to_nothing_says_so(int backups, int days, bool tooFew)
    {
        var history = Enumerable.Range(0, backups).Select(age => Histories.Backup("2026-03-31") with { Name = Histories.Backup("2026-03-31").Name with { Time = Histories.Time("2026-03-31 03:00").AddDays(-2 * age) } });

        var plan = RetentionPolicy.Decide(history, Histories.NoHolds, new RetentionSettings { KeepDays = 2 * days - 1 }, Histories.Time("2026-03-31 12:00"));

        Assert.Equal(tooFew, plan.LeavesTooFew);
        Assert.Equal(days, plan.Kept.Count());
    }

    private static void Check(RetentionSettings rules, string now, List<BackupEntry> backups, string expected)
    {
        // Their order does not matter.
        backups.Reverse();
        Assert.Equal(expected, Histories.Table(RetentionPolicy.Decide(backups, Histories.NoHolds, rules, Histories.Time(now))));
    }
}
