using DeepSight.Core.Catalog;

namespace DeepSight.Cli.Objects;

/// <summary><c>download</c>.</summary>
internal sealed record DownloadJson(string Name, string Path, string Source, long StoredBytes, string Sha256, bool Verified, bool WasThere)
{
    public static DownloadJson Of(DownloadResult result, string path) =>
        new(result.Name, path, result.Source, result.StoredBytes, result.Sha256, result.IsVerified, result.WasThere);
}
