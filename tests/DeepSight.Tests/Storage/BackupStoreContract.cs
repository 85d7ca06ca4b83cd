using DeepSight.Core;
using DeepSight.Core.Storage;
using Microsoft.Extensions.Time.Testing;

namespace DeepSight.Tests.Storage;

/// <summary>What every store must do; each derived class runs all of it over one implementation.</summary>
public abstract class BackupStoreContract
{
    private const string Name = "deepsight_20260212_030000.sql.gz";

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 2, 12, 3, 0, 0, TimeSpan.Zero));

    protected abstract Task<StoreUnderTest> OpenAsync();

    [Fact]
    public async Task An_empty_store_lists_nothing_and_finds_nothing()
    {
        await using var test = await OpenAsync();
        Assert.Empty(await test.Store.NamesAsync());
        Assert.Null(await test.Store.FindAsync(Name, Cancelled));
        var failure = await Assert.ThrowsAsync<DeepSightException>(() => test.Store.ReadAsync(Name));
        Assert.Equal(FailureKind.NothingToDo, failure.Kind);
        Assert.Contains(Name, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(100_000, 7)]
    [InlineData(20_000_000, 300)]
    public async Task What_is_uploaded_reads_back_the_same(int size, int pieces)
    {
        await using var test = await OpenAsync();
        var content = StoreExtensions.Bytes(size);
        var stored = await test.Store.UploadAsync(Name, content, pieces);

        Assert.Equal((Name, size), (stored.Name, stored.Size));
        Assert.Equal(stored.Version, (await test.Store.FindAsync(Name, Cancelled))!.Version);
        Assert.Equal(stored.Version, (await test.Store.ListAsync("", Cancelled).SingleAsync(Cancelled)).Version);
        Assert.Equal(content, await test.Store.ReadAsync(Name));
        Assert.Equal(0, await test.CountUnfinishedAsync());
    }

    [Fact]
    public async Task A_read_starts_at_the_offset_and_is_pinned_to_the_version()
    {
        await using var test = await OpenAsync();
        var content = StoreExtensions.Bytes(100_000);
        var stored = await test.Store.UploadAsync(Name, content);

        Assert.Equal(content[99_000..], await test.Store.ReadAsync(Name, 99_000, stored.Version));
        Assert.Empty(await test.Store.ReadAsync(Name, 100_000, stored.Version));

        Clock.Advance(TimeSpan.FromSeconds(1));
        await test.Store.ReplaceAsync(Name, StoreExtensions.Bytes(100_000, seed: 2), Cancelled);
        var failure = await Assert.ThrowsAsync<DeepSightException>(() => test.Store.ReadAsync(Name, 0, stored.Version));
        Assert.Equal(FailureKind.Corrupt, failure.Kind);
    }

    [Fact]
    public async Task An_upload_shows_nothing_before_it_is_complete()
    {
        await using var test = await OpenAsync();
        await using var upload = await test.Store.BeginUploadAsync(Name, Cancelled);
        await upload.WriteAsync(StoreExtensions.Bytes(12_000_000), Cancelled);

        Assert.Empty(await test.Store.NamesAsync());
        Assert.Null(await test.Store.FindAsync(Name, Cancelled));
        await upload.CompleteAsync(Cancelled);
        Assert.Equal([Name], await test.Store.NamesAsync());
    }

    [Fact]
    public async Task An_upload_that_is_given_up_leaves_nothing()
    {
        await using var test = await OpenAsync();
        await using (var upload = await test.Store.BeginUploadAsync(Name, Cancelled))
            await upload.WriteAsync(StoreExtensions.Bytes(12_000_000), Cancelled);

        Assert.Empty(await test.Store.NamesAsync());
        Assert.Equal(0, await test.CountUnfinishedAsync());
    }

    [Fact]
    public async Task A_cancelled_upload_leaves_nothing()
    {
        await using var test = await OpenAsync();
        using var cancellation = new CancellationTokenSource();
        await using (var upload = await test.Store.BeginUploadAsync(Name, cancellation.Token))
        {
            await upload.WriteAsync(StoreExtensions.Bytes(12_000_000), cancellation.Token);
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                await upload.WriteAsync(StoreExtensions.Bytes(12_000_000), cancellation.Token);
                await upload.CompleteAsync(cancellation.Token);
            });
        }

        Assert.Empty(await test.Store.NamesAsync());
        Assert.Equal(0, await test.CountUnfinishedAsync());
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(9_000_000)]
    public async Task Of_two_uploads_of_one_name_exactly_one_wins(int size)
    {
        await using var test = await OpenAsync();
        await using var first = await test.Store.BeginUploadAsync(Name, Cancelled);
        await using var second = await test.Store.BeginUploadAsync(Name, Cancelled);
        await first.WriteAsync(StoreExtensions.Bytes(size, seed: 1), Cancelled);
        await second.WriteAsync(StoreExtensions.Bytes(size, seed: 2), Cancelled);
        await second.CompleteAsync(Cancelled);

        var failure = await Assert.ThrowsAsync<DeepSightException>(() => first.CompleteAsync(Cancelled));
        Assert.Equal(FailureKind.Busy, failure.Kind);
        await first.DisposeAsync();
        Assert.Equal(StoreExtensions.Bytes(size, seed: 2), await test.Store.ReadAsync(Name));
        Assert.Equal(0, await test.CountUnfinishedAsync());
    }

    [Fact]
    public async Task Of_many_that_create_one_name_at_once_exactly_one_wins()
    {
        await using var test = await OpenAsync();
        var won = await Task.WhenAll(Enumerable.Range(0, 12).Select(async i =>
            await test.Store.TryCreateAsync(Name + ".pending", new[] { (byte)i }, Cancelled) ? i : -1));

        var winner = Assert.Single(won, i => i >= 0);
        Assert.Equal([(byte)winner], await test.Store.ReadAsync(Name + ".pending"));
    }

    [Fact]
    public async Task A_small_object_is_created_once_and_replaced_on_demand()
    {
        await using var test = await OpenAsync();
        Assert.True(await test.Store.TryCreateAsync(Name + ".manifest.json", "one"u8.ToArray(), Cancelled));
        Assert.False(await test.Store.TryCreateAsync(Name + ".manifest.json", "two"u8.ToArray(), Cancelled));
        Assert.Equal("one"u8.ToArray(), await test.Store.ReadAsync(Name + ".manifest.json"));

        await test.Store.ReplaceAsync(Name + ".manifest.json", "three"u8.ToArray(), Cancelled);
        Assert.Equal("three"u8.ToArray(), await test.Store.ReadAsync(Name + ".manifest.json"));
        Assert.Equal(0, await test.CountUnfinishedAsync());
    }

    [Fact]
    public async Task A_listing_is_in_ordinal_order_and_takes_any_prefix()
    {
        await using var test = await OpenAsync();
        string[] names =
        [
            "App_20260101_000000.sql.gz", "app_20260101_000000.sql.gz", "app_20260101_000000.sql.gz.manifest.json",
            "app_20260102_000000.sql.gz", "app_test_20260101_000000.sql.gz", "pre-restore/app_20260101_000000.sql.gz",
            "runs/2026/01/01/000000_backup_a.json", "runs/2026/01/02/000000_backup_b.json",
        ];
        foreach (var name in names.Reverse())
            await test.Store.ReplaceAsync(name, "x"u8.ToArray(), Cancelled);

        Assert.Equal(names, await test.Store.NamesAsync());
        Assert.Equal(names[1..4], await test.Store.NamesAsync("app_2"));
        Assert.Equal(names[6..], await test.Store.NamesAsync("runs/"));
        Assert.Equal(names[7..], await test.Store.NamesAsync("runs/2026/01/02/"));
        Assert.Equal(names[6..], await test.Store.NamesAsync("runs/2026/01/0"));
        Assert.Empty(await test.Store.NamesAsync("zzz"));
        Assert.Equal(names[4..], await test.Store.NamesAsync("", after: names[3]));
        Assert.Equal(names[7..], await test.Store.NamesAsync("runs/", after: "runs/2026/01/02/"));
        Assert.Equal(names[7..], await test.Store.NamesAsync("runs/", after: names[6]));
        Assert.Empty(await test.Store.NamesAsync("runs/", after: "runs/2026/02/"));
    }

    [Fact]
    public async Task Names_that_are_not_of_a_store_are_passed_over()
    {
        await using var test = await OpenAsync();
        await test.Store.ReplaceAsync(Name, "x"u8.ToArray(), Cancelled);
        foreach (var foreign in (string[])["a file.txt", ".hidden", "folder/.hidden", "ключ", "a+b", "50%25"])
            await test.PlantAsync(foreign, "y"u8.ToArray());
        await test.PlantAsync("empty_20260101_000000.sql.gz", []);

        Assert.Equal([Name, "empty_20260101_000000.sql.gz"], await test.Store.NamesAsync());
        Assert.Equal(0, (await test.Store.FindAsync("empty_20260101_000000.sql.gz", Cancelled))!.Size);
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../b")]
    [InlineData("a//b")]
    [InlineData("./a")]
    [InlineData("a\\b")]
    [InlineData("a\nb")]
    [InlineData("a/")]
    [InlineData("")]
    public async Task Names_that_lead_elsewhere_are_refused(string name)
    {
        await using var test = await OpenAsync();
        await RefusedAsync(() => test.Store.FindAsync(name, Cancelled));
        await RefusedAsync(() => test.Store.ReadAsync(name));
        await RefusedAsync(() => test.Store.BeginUploadAsync(name, Cancelled));
        await RefusedAsync(() => test.Store.TryCreateAsync(name, default, Cancelled));
        await RefusedAsync(() => test.Store.ReplaceAsync(name, default, Cancelled));
        await RefusedAsync(() => test.Store.DeleteAsync([name], Cancelled));

        static async Task RefusedAsync(Func<Task> action) =>
            Assert.Equal(FailureKind.InvalidInput, (await Assert.ThrowsAsync<DeepSightException>(action)).Kind);
    }

    [Fact]
    public async Task Deleting_passes_over_what_is_not_there()
    {
        await using var test = await OpenAsync();
        await test.Store.ReplaceAsync(Name, "x"u8.ToArray(), Cancelled);
        await test.Store.ReplaceAsync("runs/a.json", "x"u8.ToArray(), Cancelled);
        await test.Store.DeleteAsync([Name, "missing.sql.gz", "no/such/folder.json"], Cancelled);
        await test.Store.DeleteAsync([], Cancelled);
        Assert.Equal(["runs/a.json"], await test.Store.NamesAsync());
    }

    [Fact]
    public async Task A_lease_has_one_holder_until_it_is_given_back()
    {
        await using var test = await OpenAsync();
        var hour = TimeSpan.FromHours(1);
        var first = await test.Store.TryLeaseAsync("retention", hour, Cancelled);
        Assert.NotNull(first);
        Assert.Null(await test.Store.TryLeaseAsync("retention", hour, Cancelled));
        await using var other = await test.Store.TryLeaseAsync("sweep", hour, Cancelled);
        Assert.NotNull(other);

        await first.DisposeAsync();
        await using var second = await test.Store.TryLeaseAsync("retention", hour, Cancelled);
        Assert.NotNull(second);
        Assert.Empty(await test.Store.NamesAsync());
    }

    [Fact]
    public async Task A_lease_that_ran_out_is_taken_by_exactly_one_and_lost_to_the_former_holder()
    {
        await using var test = await OpenAsync();
        await using var dead = await test.Store.TryLeaseAsync("retention", TimeSpan.FromMinutes(10), Cancelled);
        Clock.Advance(TimeSpan.FromMinutes(9));
        await dead!.RenewAsync(Cancelled);
        Clock.Advance(TimeSpan.FromMinutes(9));
        Assert.Null(await test.Store.TryLeaseAsync("retention", TimeSpan.FromMinutes(10), Cancelled));
        Clock.Advance(TimeSpan.FromMinutes(2));

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => test.Store.TryLeaseAsync("retention", TimeSpan.FromMinutes(10), Cancelled)));
        var holder = Assert.Single(taken, lease => lease is not null)!;
        var failure = await Assert.ThrowsAsync<DeepSightException>(() => dead.RenewAsync(Cancelled));
        Assert.Equal(FailureKind.Busy, failure.Kind);

        // Giving back what was lost must not take it from the new holder.
        await dead.DisposeAsync();
        await holder.RenewAsync(Cancelled);
        Assert.Null(await test.Store.TryLeaseAsync("retention", TimeSpan.FromMinutes(10), Cancelled));
        await holder.DisposeAsync();
    }

    [Fact]
    public virtual async Task The_sweep_removes_what_was_left_unfinished_and_nothing_else()
    {
        await using var test = await OpenAsync();
        await test.Store.UploadAsync(Name, StoreExtensions.Bytes(10));
        await test.PlantAsync(".someone-elses.tmp", "x"u8.ToArray());
        var abandoned = await test.Store.BeginUploadAsync("deepsight_20260211_030000.sql.gz", Cancelled);
        await abandoned.WriteAsync(StoreExtensions.Bytes(9_000_000), Cancelled);

        // The age is by the clock of whoever keeps the files, which no test can turn.
        var now = TimeProvider.System.GetUtcNow();
        await WaitUntilAsync(async () => await test.CountUnfinishedAsync() == 1);
        Assert.Empty(await test.Store.SweepUnfinishedAsync(null, now.AddHours(-1), Cancelled));
        var removed = await test.Store.SweepUnfinishedAsync(null, now.AddHours(1), Cancelled);

        Assert.Contains("deepsight_20260211_030000.sql.gz", Assert.Single(removed), StringComparison.Ordinal);
        Assert.Equal(0, await test.CountUnfinishedAsync());
        Assert.Equal([Name], await test.Store.NamesAsync());
        await abandoned.DisposeAsync();
    }

    [Fact]
    public async Task The_checks_pass_and_leave_nothing()
    {
        await using var test = await OpenAsync();
        var checks = await test.Store.CheckAsync(null, Cancelled).ToListAsync(Cancelled);
        Assert.NotEmpty(checks);
        Assert.All(checks, check => Assert.Equal((CheckOutcome.Ok, null), (check.Outcome, check.Hint)));
        Assert.Empty(await test.Store.NamesAsync());
        Assert.Equal(0, await test.CountUnfinishedAsync());
    }

    private static async Task WaitUntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
            await Task.Delay(20, Cancelled);
    }
}
