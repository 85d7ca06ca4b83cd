using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Restore;

namespace DeepSight.Tests.Restore;

/// <summary>By whichever of its names production is reached.</summary>
public sealed class ProductionGuardTests
{
    [Theory]
    [InlineData("postgresql://a@monorail.proxy.rlwy.net:4/app", null)]
    [InlineData("postgresql://a@MONORAIL.proxy.rlwy.net.:4/app", null)]
    [InlineData("postgresql://a@monorail.proxy.rlwy.net:4/app?hostaddr=192.0.2.7", null)]
    [InlineData("postgresql://a@127.0.0.1/app?host=monorail.proxy.rlwy.net", null)]
    [InlineData("Host=monorail.proxy.rlwy.net;Username=a;Database=app", null)]
    [InlineData("postgresql://a@monorail.proxy.rlwy.net:4/app", "postgresql://a@127.0.0.1:6000/app")]
    [InlineData("postgresql://a@127.0.0.1:6000/app", "postgresql://a@db.railway.internal/app")]
    public void Production_is_known_by_any_of_its_names(string url, string? direct)
    {
        var target = new DatabaseSettings { Url = url, DirectUrl = direct }.ForJobs();

        var thrown = Assert.Throws<DeepSightException>(() => ProductionGuard.Check(target.WithDatabase("other"), confirmed: false, new RestoreSettings()));

        Assert.Equal(FailureKind.Refused, thrown.Kind);
    }

    [Theory]
    [InlineData("postgresql://a@127.0.0.1/app", "db.internal, 127.0.0.*")]
    [InlineData("postgresql://a@db.internal/app?hostaddr=192.0.2.7", "192.0.2.7")]
    public void Addresses_can_be_named_as_well(string url, string patterns)
    {
        var settings = new RestoreSettings { ProductionHosts = patterns.Split(", ") };

        Assert.Throws<DeepSightException>(() => ProductionGuard.Check(DatabaseUrl.Parse(url, "DATABASE_URL"), confirmed: false, settings));
        ProductionGuard.Check(DatabaseUrl.Parse(url, "DATABASE_URL"), confirmed: false, new RestoreSettings());
    }
}
