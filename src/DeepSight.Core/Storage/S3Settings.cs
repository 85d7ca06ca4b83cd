using System.ComponentModel.DataAnnotations;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage.Transfers;

namespace DeepSight.Core.Storage;

/// <summary>The bucket. Names and defaults are those of the tool that this replaces; the rest is for other S3 services.</summary>
public sealed class S3Settings
{
    [Setting("AWS_ACCESS_KEY_ID", "S3 access key. With it and its secret set, scheduled backups go to S3.")]
    public string? AccessKeyId { get; init; }

    [Setting("AWS_SECRET_ACCESS_KEY", "S3 secret key.", Secret = true)]
    public string? SecretAccessKey { get; init; }

    [Setting("AWS_SESSION_TOKEN", "Session token that belongs to temporary keys.", Secret = true)]
    public string? SessionToken { get; init; }

    [Setting("AWS_REGION", "S3 region.")]
    [RegularExpression("[A-Za-z0-9-]{1,64}", ErrorMessage = "a region such as eu-west-3 (auto for Cloudflare R2)")]
    public string Region { get; init; } = "eu-west-3";

    [Setting("AWS_ENDPOINT_URL_S3", "Address of another S3 service: Cloudflare R2, MinIO, Ceph. Default: AWS.")]
    public Uri? Endpoint { get; init; }

    [Setting("BACKUP_S3_BUCKET", "The bucket.")]
    [RegularExpression("[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]", ErrorMessage = "the bucket's bare name, without s3:// and slashes")]
    public string Bucket { get; init; } = "deepsight-backups";

    [Setting("BACKUP_S3_PREFIX", "Key prefix within the bucket. A slash at its end is added where it is missing; / means none.")]
    [RegularExpression("[A-Za-z0-9!_.()'=/ -]{1,300}", ErrorMessage = "up to 300 letters, digits and ! _ . ( ) ' = / -")]
    public string Prefix { get; init; } = "db-backups/";

    [Setting("BACKUP_S3_PATH_STYLE", "Bucket in the path instead of the host name. Default: true where AWS_ENDPOINT_URL_S3 is set.")]
    public bool? PathStyle { get; init; }

    [Setting("BACKUP_S3_SSE", "Server-side encryption: AES256 or aws:kms. Default: what the bucket does by itself.")]
    [AllowedValues(null, "AES256", "aws:kms")]
    public string? Encryption { get; init; }

    [Setting("BACKUP_S3_SSE_KMS_KEY_ID", "Key of aws:kms encryption. Default: the account's aws/s3 key.")]
    public string? EncryptionKeyId { get; init; }

    [Setting("BACKUP_S3_STORAGE_CLASS", "Storage class of backups, such as STANDARD_IA. Default: the bucket's.")]
    [RegularExpression("[A-Z0-9_]{1,40}", ErrorMessage = "a storage class such as STANDARD_IA or GLACIER_IR")]
    public string? StorageClass { get; init; }

    [Setting("BACKUP_S3_OBJECT_LOCK", "Object lock of new backups: governance or compliance. Needs a bucket with object lock.")]
    public ObjectLock? ObjectLock { get; init; }

    [Setting("BACKUP_S3_OBJECT_LOCK_DAYS", "For how many days a backup is locked.")]
    [Range(1, 36500)]
    public int? ObjectLockDays { get; init; }

    [Setting("BACKUP_S3_PAYLOAD_SIGNING", "auto, or off for services that take no checksum but Content-MD5 (needs https).")]
    public PayloadSigning PayloadSigning { get; init; } = PayloadSigning.Auto;

    [Setting("BACKUP_S3_MAX_PARTS", "How many parts the service allows in one upload: 10000 on AWS, 1000 on Scaleway.")]
    [Range(10, 10_000)]
    public int MaxParts { get; init; } = PartPlan.MostParts;

    [Setting("BACKUP_S3_PART_SIZE_MB", "Size of all parts, in MiB, for services that want them equal. Default: grows from 8; 32 on Cloudflare R2.")]
    [Range(5, 1024)]
    public int? PartSizeMiB { get; init; }

    /// <summary>Keys are set; without them only an explicit <c>BACKUP_STORE=s3</c> uses S3, with the SDK's own chain of credentials.</summary>
    public bool HasKeys => AccessKeyId is not null && SecretAccessKey is not null;

    /// <summary>Never begins with a slash and, unless empty, ends with one.</summary>
    internal string NormalPrefix => Prefix.Trim('/') is { Length: > 0 } prefix ? prefix + "/" : "";

    internal IEnumerable<string> Validate()
    {
        if (AccessKeyId is null != SecretAccessKey is null)
            yield return "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set together; one of them is missing.";
        if (EncryptionKeyId is not null && Encryption != "aws:kms")
            yield return "BACKUP_S3_SSE_KMS_KEY_ID is set, but BACKUP_S3_SSE is not aws:kms.";
        if (ObjectLock is null != ObjectLockDays is null)
            yield return "BACKUP_S3_OBJECT_LOCK and BACKUP_S3_OBJECT_LOCK_DAYS must be set together; one of them is missing.";
        if (PayloadSigning == PayloadSigning.Off && Endpoint is { Scheme: "http" })
            yield return "BACKUP_S3_PAYLOAD_SIGNING=off needs an https address in AWS_ENDPOINT_URL_S3: over http nothing else protects the content.";
        if (Endpoint is { UserInfo.Length: > 0 })
            yield return "AWS_ENDPOINT_URL_S3 holds a user or password; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead.";
        if (Endpoint is { } endpoint && (endpoint.Query.Length > 0 || endpoint.AbsolutePath != "/"))
            yield return "AWS_ENDPOINT_URL_S3 must be an address without a path; the bucket goes into BACKUP_S3_BUCKET.";
    }
}

/// <summary>How strictly a locked object is kept from being deleted.</summary>
public enum ObjectLock
{
    /// <summary>Who has s3:BypassGovernanceRetention may still delete it.</summary>
    Governance,

    /// <summary>Nobody can delete it before its time, not even the account's root.</summary>
    Compliance,
}

/// <summary>How the content of an upload is protected on its way.</summary>
public enum PayloadSigning
{
    /// <summary>
    /// A CRC32 on every part, checked by the service; over http the content is signed as well (SHA-256), over https TLS does that.
    /// </summary>
    Auto,

    /// <summary>Content-MD5 instead of CRC32 and never a signed content: what every S3 service has known since 2006.</summary>
    Off,
}
