namespace DeepSight.Core.Catalog;

/// <summary>How far a running download is, in bytes.</summary>
public readonly record struct DownloadProgress(long Bytes, long TotalBytes);
