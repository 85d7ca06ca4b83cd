using System.Globalization;
using System.Text.RegularExpressions;

namespace DeepSight.Core.Dumps;

/// <summary>
/// The name of a backup: <c>[pre-restore/]{stem}_{yyyyMMdd}_{HHmmss}.sql.{gz|zst}[.age]</c>, stamped in UTC. Only names that match
/// exactly are backups; whatever is decided about a backup's age comes from its name, never from a file's times.
/// </summary>
/// <param name="Stem"><c>BACKUP_NAME</c>; <c>app</c> never matches <c>app_test</c>.</param>
/// <param name="Time">To the second, UTC.</param>
public sealed partial record BackupName(string Stem, DateTimeOffset Time, Compression Compression, bool IsPreRestore)
{
    /// <summary>Sealed: the compressed dump and the access file are files of age.</summary>
    public bool IsSealed { get; init; }

    /// <summary>Folder of the backups taken before a restore.</summary>
    public const string PreRestoreFolder = "pre-restore/";

    /// <summary>Of files of age.</summary>
    public const string SealedEnding = ".age";

    private const string StampFormat = "yyyyMMdd_HHmmss";

    /// <summary>The object's name relative to the store's root.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{(IsPreRestore ? PreRestoreFolder : "")}{Stem}_{Time.UtcDateTime.ToString(StampFormat, CultureInfo.InvariantCulture)}.sql.{(Compression == Compression.Gzip ? "gz" : "zst")}{(IsSealed ? SealedEnding : "")}");

    public string Access => this + AccessSuffixOf(ToString());

    public string Manifest => this + ManifestSuffix;

    public string Verified => this + VerifiedSuffix;

    public string Pinned => this + PinnedSuffix;

    public string Pending => this + PendingSuffix;

    public string Deleting => this + DeletingSuffix;

    /// <summary>Owners, grants, default privileges and roles (without passwords) at the time of the backup.</summary>
    public const string AccessSuffix = ".access.sql.gz";

    /// <summary>The same of a sealed backup.</summary>
    public const string SealedAccessSuffix = AccessSuffix + SealedEnding;

    /// <summary>Written last: with it the backup exists.</summary>
    public const string ManifestSuffix = ".manifest.json";

    /// <summary>The latest drill's result, if it succeeded.</summary>
    public const string VerifiedSuffix = ".verified.json";

    /// <summary>While it exists, the backup is never deleted.</summary>
    public const string PinnedSuffix = ".pinned";

    /// <summary>Written first, create-only: reserves the name and marks the unfinished.</summary>
    public const string PendingSuffix = ".pending";

    /// <summary>Written before a delete, gone after it.</summary>
    public const string DeletingSuffix = ".deleting";

    /// <summary>The backup of this exact name, or null when it isn't one (another stem, a side file, a foreign file).</summary>
    public static BackupName? TryParse(string name, string stem)
    {
        var match = Pattern().Match(name);
        if (!match.Success || match.Groups["stem"].Value != stem) return null;
        if (!DateTimeOffset.TryParseExact(match.Groups["stamp"].Value, StampFormat, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal, out var time)) return null;

        var compression = match.Groups["ending"].Value == "gz" ? Compression.Gzip : Compression.Zstd;
        return new BackupName(stem, time, compression, match.Groups["folder"].Success) { IsSealed = match.Groups["sealed"].Success };
    }

    /// <summary>What the access file of a dump has behind the dump's name, whatever that is called.</summary>
    public static string AccessSuffixOf(string dump) => IsSealedName(dump) ? SealedAccessSuffix : AccessSuffix;

    public static bool IsSealedName(string dump) => dump.EndsWith(SealedEnding, StringComparison.Ordinal);

    /// <summary>The stamp in a name of any stem, for a file of which nothing else is known; null when it has none.</summary>
    public static DateTimeOffset? TimeOf(string name) =>
        Stamp().Match(name) is { Success: true } stamp
        && DateTimeOffset.TryParseExact(stamp.Value, StampFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    [GeneratedRegex("[0-9]{8}_[0-9]{6}")]
    private static partial Regex Stamp();

    [GeneratedRegex(@"\A(?<folder>pre-restore/)?(?<stem>[A-Za-z0-9][A-Za-z0-9._-]{0,99})_(?<stamp>[0-9]{8}_[0-9]{6})\.sql\.(?<ending>gz|zst)(?<sealed>\.age)?\z")]
    private static partial Regex Pattern();
}
