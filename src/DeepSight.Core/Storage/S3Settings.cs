using DeepSight.Core.Settings;

namespace DeepSight.Core.Storage;

/// <summary>The bucket. Names and defaults are those of the tool that this replaces; the rest is for other S3 services.</summary>
public sealed class S3Settings
{
    [Setting("AWS_ACCESS_KEY_ID", "S3 access key. With it and its secret set, scheduled backups go to S3.")]
    public string? AccessKeyId { get; init; }

    [Setting("AWS_SECRET_ACCESS_KEY", "S3 secret key.", Secret = true)]
    public string? SecretAccessKey { get; init; }

    [Setting("AWS_REGION", "S3 region.")]
    public string Region { get; init; } = "eu-west-3";

    [Setting("BACKUP_S3_BUCKET", "The bucket.")]
    public string Bucket { get; init; } = "deepsight-backups";

    [Setting("BACKUP_S3_PREFIX", "Key prefix within the bucket.")]
    public string Prefix { get; init; } = "db-backups/";

    internal IEnumerable<string> Validate()
    {
        if (AccessKeyId is null != SecretAccessKey is null)
            yield return "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set together; one of them is missing.";
    }
}
