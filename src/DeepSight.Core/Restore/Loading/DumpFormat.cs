namespace DeepSight.Core.Restore.Loading;

/// <summary>How a dump for psql is stored.</summary>
internal enum DumpFormat
{
    Sql,
    Gzip,
    Zstd,
}
