using DeepSight.Core.Storage;
using DeepSight.Core.Storage.Transfers;

namespace DeepSight.Tests.Storage;

public sealed class PartPlanTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public void Five_terabytes_fit_into_ten_thousand_parts_that_S3_takes()
    {
        var plan = new PartPlan(10_000, null);
        Assert.True(plan.Capacity >= 5L << 40, $"{plan.Capacity}");
        var sizes = Enumerable.Range(1, 10_000).Select(plan.SizeOf).ToList();
        Assert.All(sizes, size => Assert.InRange(size, 5 * MiB, 5_120 * MiB));
        Assert.Equal(sizes.Order(), sizes);
    }

    [Fact]
    public void Two_parts_need_at_most_96_MiB_until_300_GB_are_stored()
    {
        var plan = new PartPlan(10_000, null);
        Assert.True(StoredWhileSmall(plan) >= 300_000_000_000);
    }

    [Fact]
    public void With_a_thousand_parts_the_same_holds_until_30_GB_and_560_GB_is_the_end()
    {
        var plan = new PartPlan(1_000, null);
        Assert.True(StoredWhileSmall(plan) >= 30_000_000_000);
        Assert.InRange(plan.Capacity, 560_000_000_000, 570_000_000_000);
    }

    [Fact]
    public void A_fixed_size_stays_the_same()
    {
        var plan = new PartPlan(10_000, 32);
        Assert.Equal((32 * MiB, 32 * MiB), (plan.SizeOf(1), plan.SizeOf(10_000)));
    }

    [Theory]
    [InlineData("https://0123.r2.cloudflarestorage.com", null, 32)]
    [InlineData("https://0123.eu.r2.cloudflarestorage.com", 64, 64)]
    [InlineData("https://s3.example.org", null, 8)]
    [InlineData(null, null, 8)]
    public void Cloudflare_gets_equal_parts(string? endpoint, int? set, int expected)
    {
        var plan = PartPlan.For(new S3Settings { Endpoint = endpoint is null ? null : new Uri(endpoint), PartSizeMiB = set });
        Assert.Equal(expected * MiB, plan.SizeOf(1));
        Assert.Equal(expected != 8, plan.SizeOf(1) == plan.SizeOf(10_000));
    }

    private static long StoredWhileSmall(PartPlan plan) =>
        Enumerable.Range(1, plan.MaxParts).Select(plan.SizeOf).TakeWhile(size => 2 * size <= 96 * MiB).Sum();
}
