namespace DeepSight.Core.Storage.S3;

/// <summary>A kind of request: what it needs, how failures name it and how long it is tried.</summary>
/// <param name="Permission">What the key must be allowed: <c>s3:PutObject</c>.</param>
/// <param name="Noun">Follows "the bucket refused": <c>the upload</c>.</param>
/// <param name="IsPatient">
/// True for what a backup or restore in progress depends on: tried for minutes. Others fail within seconds, so that
/// an operator who lists is not kept waiting for a service that is down.
/// </param>
internal sealed record S3Operation(string Permission, string Noun, bool IsPatient)
{
    public static readonly S3Operation List = new("s3:ListBucket", "the listing", false);

    /// <summary>Without s3:ListBucket an object that is not there looks like one that may not be seen.</summary>
    public static readonly S3Operation Find = new("s3:GetObject or s3:ListBucket", "the look-up", false);

    public static readonly S3Operation Read = new("s3:GetObject", "the download", false);
    public static readonly S3Operation ResumeRead = Read with { IsPatient = true };
    public static readonly S3Operation Write = new("s3:PutObject", "the upload", true);
    public static readonly S3Operation Confirm = Find with { IsPatient = true };
    public static readonly S3Operation FindLock = new("s3:GetObjectRetention", "the look at its lock", false);
    public static readonly S3Operation FindBucketLock = new("s3:GetBucketObjectLockConfiguration", "the question for object lock", false);
    public static readonly S3Operation Abort = new("s3:AbortMultipartUpload", "the removal of an unfinished upload", false);
    public static readonly S3Operation Delete = new("s3:DeleteObject", "the deletion", true);
    public static readonly S3Operation ListUploads = new("s3:ListBucketMultipartUploads", "the listing of unfinished uploads", false);
    public static readonly S3Operation ListParts = new("s3:ListMultipartUploadParts", "the listing of an unfinished upload's parts", false);
}
