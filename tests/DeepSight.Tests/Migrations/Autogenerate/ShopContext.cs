using Microsoft.EntityFrameworkCore;

namespace DeepSight.Tests.Migrations.Autogenerate;

/// <summary>A model as a program has it.</summary>
internal sealed class ShopContext(bool withNotes) : DbContext(new DbContextOptionsBuilder().UseNpgsql("Host=nowhere").EnableServiceProviderCaching(false).Options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Customer>().HasIndex(customer => customer.Email).IsUnique();
        var order = modelBuilder.Entity<Order>();
        order.ToTable("Orders").Property(entry => entry.Placed).HasDefaultValueSql("now()");
        order.HasOne<Customer>().WithMany().HasForeignKey(entry => entry.CustomerId);
        if (withNotes) order.Property<string>("Notes").HasMaxLength(200).IsRequired(false);
    }

    private sealed record Customer(int Id, string Email);

    private sealed record Order(long Id, int CustomerId, DateTimeOffset Placed, decimal Total, string[] Tags);
}
