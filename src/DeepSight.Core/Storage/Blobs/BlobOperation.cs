using DeepSight.Core.Storage.Transfers;

namespace DeepSight.Core.Storage.Blobs;

/// <summary>The kinds of request that a container gets. The permission is that of a SAS, by its letter.</summary>
internal static class BlobOperation
{
    public static readonly StoreOperation List = new("list (l)", "the listing", false);
    public static readonly StoreOperation Find = new("read (r)", "the look-up", false);
    public static readonly StoreOperation Read = new("read (r)", "the download", false);
    public static readonly StoreOperation ResumeRead = Read with { IsPatient = true };
    public static readonly StoreOperation Write = new("create and write (cw)", "the upload", true);
    public static readonly StoreOperation Confirm = Find with { IsPatient = true };
    public static readonly StoreOperation Lease = new("write (w)", "the lease", true);
    public static readonly StoreOperation Delete = new("delete (d)", "the deletion", true);
    public static readonly StoreOperation FindContainer = new("read on the container", "the question for the container's properties", false);
    public static readonly StoreOperation FindService = new("read on the blob service", "the question for the account's properties", false);
}
