namespace DeepSight.Core.Catalog;

/// <summary>What a download came to.</summary>
/// <param name="Source">The store that it was read from.</param>
/// <param name="Sha256">Of the dump as stored.</param>
/// <param name="IsVerified">The hash is that of the manifest; a backup of the old tool has none.</param>
/// <param name="WasThere">The same backup was there before, and nothing was read.</param>
public sealed record DownloadResult(string Name, string Source, long StoredBytes, string Sha256, bool IsVerified, bool WasThere);
