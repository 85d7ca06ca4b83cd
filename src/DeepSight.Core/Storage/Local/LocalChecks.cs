using System.Globalization;

namespace DeepSight.Core.Storage.Local;

/// <summary>Whether a directory can take backups, for <c>deepsight doctor</c>.</summary>
internal static class LocalChecks
{
    /// <summary>Below this a warning: less than most dumps take.</summary>
    private const long LittleSpace = 1L << 30;

    public static IEnumerable<StoreCheck> Run(LocalFolder folder)
    {
        var written = TryWrite(folder);
        yield return written;
        if (written.Outcome != CheckOutcome.Failed) yield return FreeSpace(folder.Root);
    }

    private static StoreCheck TryWrite(LocalFolder folder)
    {
        try
        {
            var temporary = LocalFolder.TemporaryFor(Path.Combine(folder.Root, "check"));
            var path = Path.Combine(folder.Root, $".check.{Guid.NewGuid():n}{LocalSweep.TemporaryEnding}");
            using (var file = LocalFolder.CreateFile(temporary))
            {
                file.Write("deepsight"u8);
                file.Flush(flushToDisk: true);
            }

            LocalFolder.TryPublish(temporary, path);
            File.Delete(path);
            return new StoreCheck("write", CheckOutcome.Ok, $"{folder.Root} can be written", null);
        }
        catch (Exception e) when (LocalErrors.IsOurs(e))
        {
            var failure = LocalErrors.Explain(e, "write", folder.Root);
            return new StoreCheck("write", CheckOutcome.Failed, failure.Message, failure.Hint);
        }
    }

    private static StoreCheck FreeSpace(string root)
    {
        var free = new DriveInfo(root).AvailableFreeSpace;
        var detail = string.Create(CultureInfo.InvariantCulture, $"{free / 1e9:0.0} GB free ({free} bytes)");
        return free < LittleSpace
            ? new StoreCheck("free space", CheckOutcome.Warning, detail, "a backup that fills the disk fails; free some space or set BACKUP_DIR to a larger disk.")
            : new StoreCheck("free space", CheckOutcome.Ok, detail, null);
    }
}
