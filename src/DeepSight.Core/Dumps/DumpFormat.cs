namespace DeepSight.Core.Dumps;

/// <summary>How a dump for psql is stored.</summary>
internal enum DumpFormat
{
    Sql,
    Gzip,
    Zstd,
}
