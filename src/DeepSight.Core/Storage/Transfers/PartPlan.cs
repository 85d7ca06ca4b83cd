namespace DeepSight.Core.Storage.Transfers;

/// <summary>
/// How large each part of an upload of unknown length is. Parts start small and grow, so that few are needed however long the
/// dump becomes and memory stays low for as long as possible (two parts at least are held at once):
/// <code>
/// parts (of 10,000)    part size     stored by then
///      1 –   250           8 MiB          2.1 GB
///    251 –   500          16 MiB          6.3 GB
///    501 – 1,000          32 MiB           23 GB
///  1,001 – 6,600          48 MiB          305 GB   (until here at most 96 MiB are held)
///  6,601 – 10,000   96 MiB, doubling      5.6 TB   (every 500 parts, up to S3's 5 GiB)
/// </code>
/// A service that allows fewer parts takes the same steps sooner: with 1,000 parts, 96 MiB suffice until 30 GB, and 560 GB is
/// the most that one backup can take. A fixed size, for services that want all parts equal (Cloudflare R2), bounds the
/// backup to that size times the number of parts.
/// </summary>
internal sealed class PartPlan
{
    /// <summary>AWS's limit, <see href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html"/>.</summary>
    public const int MostParts = 10_000;

    private const int MiB = 1 << 20;
    private const int DoublingFrom = 6_600;
    private const int DoublingEvery = 500;

    /// <summary>
    /// R2 joins parts of equal size only: <see href="https://developers.cloudflare.com/r2/objects/multipart-objects/"/>. With
    /// this size a backup there can have 335 GB.
    /// </summary>
    private const int CloudflareMiB = 32;

    /// <summary>S3's 5 GiB.</summary>
    private const int LargestMiB = 5_120;

    private readonly int maxParts;
    private readonly int? fixedMiB;
    private readonly int largestMiB;

    public PartPlan(int maxParts, int? fixedMiB, int largestMiB = LargestMiB) => (this.maxParts, this.fixedMiB, this.largestMiB) = (maxParts, fixedMiB, largestMiB);

    /// <summary>
    /// Azure takes 50,000 blocks of up to 4,000 MiB: the same steps later, 28 TB in all
    /// (<see href="https://learn.microsoft.com/azure/storage/blobs/scalability-targets"/>).
    /// </summary>
    public static PartPlan ForAzure { get; } = new(50_000, null, 4_000);

    public int MaxParts => maxParts;

    /// <summary>Grows, unless a size is set or the service is known to refuse parts that differ.</summary>
    public static PartPlan For(S3Settings settings) =>
        new(settings.MaxParts, settings.PartSizeMiB ?? (IsCloudflare(settings.Endpoint) ? CloudflareMiB : null));

    /// <summary>In bytes.</summary>
    /// <param name="number">From 1 to <see cref="MaxParts"/>.</param>
    public long SizeOf(int number)
    {
        if (fixedMiB is { } mebibytes) return (long)mebibytes * MiB;

        var step = (int)((long)(number - 1) * MostParts / maxParts);
        return MiB * step switch
        {
            < 250 => 8L,
            < 500 => 16,
            < 1_000 => 32,
            < DoublingFrom => 48,
            _ => Math.Min(largestMiB, 96L << ((step - DoublingFrom) / DoublingEvery)),
        };
    }

    /// <summary>The most that one upload can take, in bytes.</summary>
    public long Capacity => Enumerable.Range(1, maxParts).Sum(SizeOf);

    private static bool IsCloudflare(Uri? endpoint) => endpoint?.Host.EndsWith(".r2.cloudflarestorage.com", StringComparison.OrdinalIgnoreCase) == true;
}
