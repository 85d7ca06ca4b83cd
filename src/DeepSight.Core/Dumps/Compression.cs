namespace DeepSight.Core.Dumps;

/// <summary>How a backup is compressed; its name's ending tells.</summary>
public enum Compression
{
    /// <summary><c>.sql.gz</c>: read by any gunzip (RFC 1952).</summary>
    Gzip,

    /// <summary><c>.sql.zst</c>: read by zstd (RFC 8878).</summary>
    Zstd,
}
