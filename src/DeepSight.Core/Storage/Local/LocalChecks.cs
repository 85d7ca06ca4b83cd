using System.Globalization;

namespace DeepSight.Core.Storage.Local;

/// <summary>Whether a directory can take backups, for <c>deepsight doctor</c>.</summary>
internal static class LocalChecks
{
    /// <summary>Below this a warning where no backup tells how much the next one takes.</summary>
    private const long LittleSpace = 1L << 30;

    /// <summary>Databases grow: a warning before the next backup fails, not after.</summary>
    private const int BackupsThatShouldFit = 3;

    public static IEnumerable<StoreCheck> Run(LocalFolder folder, long? lastBackupBytes)
    {
        var written = TryWrite(folder);
        yield return written;
        if (written.Outcome != CheckOutcome.Failed) yield return FreeSpace(new DriveInfo(folder.Root).AvailableFreeSpace, lastBackupBytes);
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

    /// <summary>What is free against what the last backup took.</summary>
    internal static StoreCheck FreeSpace(long free, long? lastBackupBytes)
    {
        const string name = "free space";
        const string hint = "a backup that fills the disk fails and leaves nothing; free some space, lower BACKUP_RETENTION_DAYS, or set BACKUP_DIR to a larger disk.";
        var detail = $"{Size(free)} free" + (lastBackupBytes is { } last ? $", the last backup took {Size(last)}" : "");
        if (free < lastBackupBytes) return new StoreCheck(name, CheckOutcome.Failed, detail + ": another one does not fit", hint);
        if (free < (lastBackupBytes * BackupsThatShouldFit ?? LittleSpace)) return new StoreCheck(name, CheckOutcome.Warning, detail, hint);
        return new StoreCheck(name, CheckOutcome.Ok, detail, null);
    }

    private static string Size(long bytes) => bytes < 1e9
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB");
}
