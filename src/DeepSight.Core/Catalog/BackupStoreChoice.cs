namespace DeepSight.Core.Catalog;

/// <summary>Where scheduled backups go.</summary>
public enum BackupStoreChoice
{
    /// <summary>S3 when credentials are set, else the local directory.</summary>
    Auto,
    Local,
    S3,
}
