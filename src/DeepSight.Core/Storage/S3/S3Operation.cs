using DeepSight.Core.Storage.Transfers;

namespace DeepSight.Core.Storage.S3;

/// <summary>The kinds of request that a bucket gets.</summary>
internal static class S3Operation
{
    public static readonly StoreOperation List = new("s3:ListBucket", "the listing", false);

    /// <summary>Without s3:ListBucket an object that is not there looks like one that may not be seen.</summary>
    public static readonly StoreOperation Find = new("s3:GetObject or s3:ListBucket", "the look-up", false);

    public static readonly StoreOperation Read = new("s3:GetObject", "the download", false);
    public static readonly StoreOperation ResumeRead = Read with { IsPatient = true };
    public static readonly StoreOperation Write = new("s3:PutObject", "the upload", true);
    public static readonly StoreOperation Confirm = Find with { IsPatient = true };
    public static readonly StoreOperation FindLock = new("s3:GetObjectRetention", "the look at its lock", false);
    public static readonly StoreOperation FindBucketLock = new("s3:GetBucketObjectLockConfiguration", "the question for object lock", false);
    public static readonly StoreOperation Abort = new("s3:AbortMultipartUpload", "the removal of an unfinished upload", false);
    public static readonly StoreOperation Delete = new("s3:DeleteObject", "the deletion", true);
    public static readonly StoreOperation ListUploads = new("s3:ListBucketMultipartUploads", "the listing of unfinished uploads", false);
    public static readonly StoreOperation ListParts = new("s3:ListMultipartUploadParts", "the listing of an unfinished upload's parts", false);
}
