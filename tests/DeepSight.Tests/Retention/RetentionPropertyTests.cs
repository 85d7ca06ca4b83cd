using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Retention;

namespace DeepSight.Tests.Retention;

/// <summary>What holds for every history: gaps, failures, old files, pins, clocks that jump, any rules.</summary>
public sealed class RetentionPropertyTests
{
    private const int Count = 100_000;

    private static readonly DateTimeOffset Epoch = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_100_000_random_histories_each_keeps_what_must_stay_and_a_second_run_changes_nothing() =>
        Parallel.For(0, Count, seed =>
        {
            var history = History.Random(seed);
            var plan = history.Decide(history.Backups);
            var kept = plan.Kept.Select(decision => decision.Backup).ToHashSet();
            var message = $"seed {seed}";

            Assert.Equal(history.Backups.Count, plan.Decisions.Count);
            foreach (var (rule, named) in history.MustStay())
                Assert.True(kept.IsSupersetOf(named), $"{message}: {rule}");
            Assert.True(plan.Decisions.All(decision => decision.Reasons.Count > 0), message);
            Assert.True(plan.Deleted.All(decision => decision.Backup.Name.Time <= history.Now), message);

            var again = history.Decide([.. kept]);
            Assert.True(!again.Deleted.Any(), $"{message}: a second run deletes {again.Deleted.FirstOrDefault()?.Backup.Name}");
        });

    [Fact]
    public void Every_day_of_years_with_failures_and_clock_jumps_leaves_a_verified_and_a_good_one()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var rules = History.Rules(random);
            var backups = new List<BackupEntry>();
            BackupEntry? lastGood = null, lastVerified = null;
            for (var day = 0; day < 500; day++)
            {
                // A day in fifty the clock is a year off, either way.
                var jump = random.Next(50) == 0 ? random.Next(2) == 0 ? 365 : -365 : 0;
                var now = Epoch.AddDays(400 + day + jump).AddHours(3).AddSeconds(day);
                if (random.Next(4) > 0 && day % 100 < 70)
                {
                    var made = new BackupEntry(new BackupName("app", now, Compression.Gzip, false), 1, true, true, random.Next(10) == 0, false);
                    backups.Add(made);
                    if (jump == 0) (lastGood, lastVerified) = (made, made.HasDrill ? made : lastVerified);
                }

                var plan = RetentionPolicy.Decide(backups, Histories.NoHolds, rules, now);
                if (!plan.LeavesTooFew) backups = [.. plan.Kept.Select(decision => decision.Backup)];
                if (lastGood is not null) Assert.Contains(backups, backup => backup.HasManifest);
                if (lastVerified is not null) Assert.Contains(backups, backup => backup.HasDrill);
            }
        }
    }

    private sealed record History(List<BackupEntry> Backups, RetentionSettings Settings, DateTimeOffset Now)
    {
        public static History Random(int seed)
        {
            var random = new Random(seed);
            var backups = new Dictionary<BackupName, BackupEntry>();
            var time = Epoch.AddDays(random.Next(700)).AddSeconds(random.Next(86_400));
            var step = TimeSpan.FromHours(Pick(random, 1, 6, 24, 24, 24, 168, 720));
            for (var i = random.Next(60); i > 0; i--)
            {
                time += step * (random.Next(12) == 0 ? random.Next(40) : 1) + TimeSpan.FromSeconds(random.Next(120));
                if (random.Next(60) == 0) time += TimeSpan.FromDays(random.Next(2) == 0 ? 365 : -365);
                var name = new BackupName("app", new DateTimeOffset(time.Ticks - time.Ticks % TimeSpan.TicksPerSecond, TimeSpan.Zero),
                    random.Next(5) == 0 ? Compression.Zstd : Compression.Gzip, random.Next(10) == 0);
                var isOld = random.Next(seed % 4 == 0 ? 2 : 12) == 0;
                backups.TryAdd(name, new BackupEntry(name, random.Next(20) == 0 ? 0 : 1_000, !isOld, !isOld, random.Next(8) == 0, random.Next(25) == 0));
            }

            var shift = Pick(random, 0, 0, 0, 1, 40, 365, -365, -2);
            return new History([.. backups.Values.OrderBy(_ => random.Next())], Rules(random), time.AddDays(shift).AddHours(1));
        }

        public static RetentionSettings Rules(Random random) => new()
        {
            KeepDays = Pick(random, 1, 2, 7, 30, 365),
            KeepLast = Pick(random, 1, 1, 2, 5, 100),
            KeepDaily = Pick(random, 0, 0, 3, 7),
            KeepWeekly = Pick(random, 0, 0, 2, 5),
            KeepMonthly = Pick(random, 0, 0, 3, 12),
            KeepYearly = Pick(random, 0, 0, 1, 10),
            KeepPreRestoreDays = Pick(random, 1, 7, 30),
        };

        public RetentionPlan Decide(List<BackupEntry> backups) => RetentionPolicy.Decide(backups, Histories.NoHolds, Settings, Now);

        /// <summary>Each rule as the settings' words put it, worked out anew and slowly.</summary>
        public IEnumerable<(string Rule, IEnumerable<BackupEntry> Named)> MustStay()
        {
            var past = Backups.Where(backup => backup.Name.Time <= Now).ToList();
            var regular = past.Where(backup => !backup.Name.IsPreRestore).OrderByDescending(backup => backup.Name.Time).ToList();
            var filled = regular.Where(backup => backup.StoredBytes > 0).ToList();
            var good = filled.Where(backup => backup.HasManifest).ToList();
            yield return ("dated in the future", Backups.Where(backup => backup.Name.Time > Now));
            yield return ("pinned", Backups.Where(backup => backup.IsPinned));
            yield return ("last good", NewestOf(good));
            yield return ("last verified", NewestOf(filled.Where(backup => backup.HasDrill)));
            if (good.Count == 0) yield return ("the old tool's newest", NewestOf(filled));
            yield return ("keep last", good.Take(Settings.KeepLast));
            yield return ("keep days", good.Where(backup => backup.Name.Time >= Now.AddDays(-Settings.KeepDays)));
            yield return ("keep days, from the last good one", regular.Where(backup => good.Count > 0 && backup.Name.Time >= good[0].Name.Time.AddDays(-Settings.KeepDays)));
            yield return ("pre-restore days", past.Where(backup => backup.Name.IsPreRestore && backup.Name.Time >= Now.AddDays(-Settings.KeepPreRestoreDays)));
            yield return ("daily", NewestOfEach(filled, Settings.KeepDaily, time => time.Date));
            yield return ("weekly", NewestOfEach(filled, Settings.KeepWeekly, time => time.Date.AddDays(-((int)time.DayOfWeek + 6) % 7)));
            yield return ("monthly", NewestOfEach(filled, Settings.KeepMonthly, time => new DateTime(time.Year, time.Month, 1)));
            yield return ("yearly", NewestOfEach(filled, Settings.KeepYearly, time => new DateTime(time.Year, 1, 1)));
        }

        /// <summary>None where two share the time: either would do.</summary>
        private static IEnumerable<BackupEntry> NewestOf(IEnumerable<BackupEntry> backups)
        {
            var newest = backups.GroupBy(backup => backup.Name.Time).MaxBy(same => same.Key);
            return newest is not null && newest.Count() == 1 ? newest : [];
        }

        private static IEnumerable<BackupEntry> NewestOfEach(List<BackupEntry> regular, int count, Func<DateTime, DateTime> period) =>
            from same in regular.GroupBy(backup => period(backup.Name.Time.UtcDateTime)).OrderByDescending(same => same.Key).Take(count)
            from newest in NewestOf(same.Any(backup => backup.HasManifest) ? same.Where(backup => backup.HasManifest) : same)
            select newest;

        private static int Pick(Random random, params int[] values) => values[random.Next(values.Length)];
    }
}
