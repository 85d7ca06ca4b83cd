using Amazon.S3;
using Amazon.S3.Model;
using DeepSight.Core.Storage.Transfers;

namespace DeepSight.Core.Storage.S3;

/// <summary>Makes the requests that write, with encryption, storage class, lock and checksums as set.</summary>
internal sealed class S3Requests(S3Bucket bucket, TimeProvider clock)
{
    private S3Settings Settings => bucket.Settings;

    private bool UsesMd5 => Settings.PayloadSigning == PayloadSigning.Off;

    /// <summary>Over https TLS protects the content on its way and the checksum beyond; over http the signature must do both.</summary>
    private bool? LeavesPayloadUnsigned => UsesMd5 || Settings.Endpoint is not { Scheme: "http" } ? true : null;

    private ServerSideEncryptionMethod? Encryption => Settings.Encryption is { } method ? new ServerSideEncryptionMethod(method) : null;

    /// <summary>Of what is written now, if locks are set.</summary>
    public DateTime LockedUntil => clock.GetUtcNow().AddDays(Settings.ObjectLockDays ?? 0).UtcDateTime;

    /// <summary>An object in one request.</summary>
    /// <param name="name">The object.</param>
    /// <param name="content">All of it.</param>
    /// <param name="id">Tells this write from any other.</param>
    /// <param name="isBackup">Storage class and lock are for backups, not for the small files beside them, which must be read and removed at once.</param>
    /// <param name="watch">Of this attempt.</param>
    public PutObjectRequest Put(string name, PartBuffer content, string id, bool isBackup, StallWatch watch)
    {
        var request = new PutObjectRequest
        {
            BucketName = bucket.Name,
            Key = bucket.KeyOf(name),
            InputStream = content.Open(watch),
            AutoCloseStream = false,
            UseChunkEncoding = false,
            DisablePayloadSigning = LeavesPayloadUnsigned,
            ServerSideEncryptionMethod = Encryption,
            ServerSideEncryptionKeyManagementServiceKeyId = Settings.EncryptionKeyId,
        };
        request.Metadata[S3Bucket.IdMetadata] = id;
        if (UsesMd5) request.MD5Digest = content.Md5();
        else request.ChecksumCRC32 = content.Crc32();
        if (!isBackup) return request;

        if (Settings.StorageClass is { } storageClass) request.StorageClass = new S3StorageClass(storageClass);
        if (Settings.ObjectLock is { } mode)
            (request.ObjectLockMode, request.ObjectLockRetainUntilDate) = (Mode(mode), LockedUntil);
        return request;
    }

    /// <summary>The start of a backup in parts.</summary>
    public InitiateMultipartUploadRequest Initiate(string name, string id)
    {
        var request = new InitiateMultipartUploadRequest
        {
            BucketName = bucket.Name,
            Key = bucket.KeyOf(name),
            ServerSideEncryptionMethod = Encryption,
            ServerSideEncryptionKeyManagementServiceKeyId = Settings.EncryptionKeyId,
        };
        request.Metadata[S3Bucket.IdMetadata] = id;
        if (!UsesMd5) request.ChecksumAlgorithm = ChecksumAlgorithm.CRC32;
        if (Settings.StorageClass is { } storageClass) request.StorageClass = new S3StorageClass(storageClass);
        if (Settings.ObjectLock is { } mode)
            (request.ObjectLockMode, request.ObjectLockRetainUntilDate) = (Mode(mode), LockedUntil);
        return request;
    }

    /// <summary>One part, for one attempt.</summary>
    public UploadPartRequest Part(string key, string uploadId, PartBuffer part, (string? Crc32, string? Md5) checksum, StallWatch watch) => new()
    {
        BucketName = bucket.Name,
        Key = key,
        UploadId = uploadId,
        PartNumber = part.Number,
        PartSize = part.Length,
        InputStream = part.Open(watch),
        UseChunkEncoding = false,
        DisablePayloadSigning = LeavesPayloadUnsigned,
        ChecksumCRC32 = checksum.Crc32,
        MD5Digest = checksum.Md5,
    };

    /// <summary>Once a part, however often it is sent.</summary>
    public (string? Crc32, string? Md5) ChecksumOf(PartBuffer part) => UsesMd5 ? (null, part.Md5()) : (part.Crc32(), null);

    private static ObjectLockMode Mode(ObjectLock mode) => mode == ObjectLock.Compliance ? ObjectLockMode.Compliance : ObjectLockMode.Governance;
}
