using DeepSight.Cli.Output;
using DeepSight.Core.Catalog;
using Spectre.Console;

namespace DeepSight.Cli.Commands;

/// <summary>How well a backup is proven, in the last column of <c>deepsight list</c>.</summary>
internal static class BackupProof
{
    public static Text Of(BackupDetails backup, DateTimeOffset now)
    {
        var pinned = backup.Pinned ? ", pinned" : "";
        if (backup.VerifiedAt is { } time) return new Text($"restored {Ago(now - time)}{Took(backup)}{pinned}", new Style(Color.Green));
        return backup.Good ? new Text("whole, not yet restored" + pinned) : new Text("unverified" + pinned, new Style(Color.Yellow));
    }

    private static string Ago(TimeSpan age) => age < TimeSpan.FromMinutes(1) ? "just now" : Human.Age(age) + " ago";

    private static string Took(BackupDetails backup) => backup.RestoreSeconds is { } seconds ? $" ({Human.Duration(TimeSpan.FromSeconds(seconds))})" : "";
}
