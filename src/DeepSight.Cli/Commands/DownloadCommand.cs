using System.CommandLine;
using DeepSight.Cli.Output;
using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Storage;
using DeepSight.Core.Storage.Local;

namespace DeepSight.Cli.Commands;

/// <summary><c>deepsight download NAME</c>.</summary>
internal static class DownloadCommand
{
    private static readonly Argument<string> Name = new("name") { Description = "The backup's name, as `deepsight list` shows it." };

    private static readonly Option<string?> Output = new("--output", "-o") { Description = "The directory to write to. Default: BACKUP_DIR.", HelpName = "directory" };

    private static readonly Option<bool> Decrypt = new("--decrypt") { Description = "Open a sealed backup: the dump is written as .sql.gz or .sql.zst." };

    public static Command Define() => CommandContext.Command("download",
        "Copy a backup with its manifest into a directory, checked against its hash on the way.", RunAsync, Name, Output, Decrypt);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var name = context.Parsed.GetRequiredValue(Name);
        var target = Target(context);
        using var progress = new DownloadProgressView(context.Terminal);
        var download = context.Get<BackupDownload>();
        var result = context.Parsed.GetValue(Decrypt)
            ? await download.DecryptAsync(name, target, progress, cancellationToken)
            : await download.RunAsync(name, target, progress, cancellationToken);
        progress.Dispose();

        var path = Path.Combine(target.Location, result.Name);
        context.Terminal.Object(DownloadJson.Of(result, path));
        context.Terminal.Success(result.WasThere
            ? $"{path} is there already, and it is what its manifest says"
            : $"{path}   {Human.Size(result.StoredBytes)} from {result.Source}");
        if (result.IsVerified) context.Terminal.Line($"  its SHA-256 {(result.Name == name ? "" : "as stored ")}is the manifest's: {result.Sha256}");
        else context.Terminal.Attention($"unverified: it has no manifest to be checked against; its SHA-256 is {result.Sha256}");
        return ExitCodes.Done;
    }

    private static IBackupStore Target(CommandContext context)
    {
        if (context.Parsed.GetValue(Output) is not { } directory) return context.Get<BackupStores>().Local;
        if (File.Exists(directory))
            throw new DeepSightException(FailureKind.InvalidInput, $"--output is '{directory}', which is a file.", "name a directory; the backup keeps its own name there.");
        return new LocalBackupStore(Path.GetFullPath(directory), context.Get<TimeProvider>());
    }
}

/// <summary><c>download</c>.</summary>
internal sealed record DownloadJson(string Name, string Path, string Source, long StoredBytes, string Sha256, bool Verified, bool WasThere)
{
    public static DownloadJson Of(DownloadResult result, string path) =>
        new(result.Name, path, result.Source, result.StoredBytes, result.Sha256, result.IsVerified, result.WasThere);
}
