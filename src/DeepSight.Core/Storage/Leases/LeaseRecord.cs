using System.Text.Json;

namespace DeepSight.Core.Storage.Leases;

/// <summary>What is written where a lease is held. JSON, snake_case.</summary>
/// <param name="Id">One for each time the lease was taken: tells this holder from every other.</param>
/// <param name="Holder">For people: host and process id.</param>
/// <param name="ExpiresAt">From then on anyone may take the lease.</param>
internal sealed record LeaseRecord(string Id, string Holder, DateTimeOffset ExpiresAt)
{
    /// <summary>Leases live in this folder of a store, apart from the objects that it lists.</summary>
    public const string Folder = "leases/";

    /// <summary>More is none of ours, and not read.</summary>
    public const int MostBytes = 64 << 10;

    /// <summary>No job takes a lease for longer: one that ends later was written by a clock gone wrong, or by somebody else.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>Still kept from others at this time.</summary>
    public bool HoldsAt(DateTimeOffset now) => ExpiresAt > now && ExpiresAt - now <= Longest;

    public static LeaseRecord New(DateTimeOffset expiresAt) =>
        new(Guid.NewGuid().ToString("n"), $"{Environment.MachineName}, process {Environment.ProcessId}", expiresAt);

    public static string ObjectFor(string name) => Folder + ObjectName.Checked(name) + ".json";

    public byte[] ToBytes() => Json.ToUtf8(this);

    /// <summary>Null for what is no lease: an empty file or one cut short when its writer's machine went down.</summary>
    public static LeaseRecord? Parse(ReadOnlySpan<byte> content)
    {
        try
        {
            return content.IsEmpty ? null : Json.Read<LeaseRecord>(content);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
