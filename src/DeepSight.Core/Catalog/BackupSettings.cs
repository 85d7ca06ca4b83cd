using System.ComponentModel.DataAnnotations;
using DeepSight.Core.Age;
using DeepSight.Core.Dumps;
using DeepSight.Core.Dumps.Sealing;
using DeepSight.Core.Dumps.Signing;
using DeepSight.Core.Settings;

namespace DeepSight.Core.Catalog;

/// <summary>What is backed up where, and when.</summary>
public sealed class BackupSettings
{
    [Setting("BACKUP_DIR", "Local directory of backups.", Example = "/var/backups/deepsight")]
    public string Directory { get; init; } = "/tmp/deepsight-backups";

    [Setting("BACKUP_STORES", "Where backups go, by timer and by command, all from one dump: s3, azure and local, comma-separated. In place of BACKUP_STORE and BACKUP_KEEP_LOCAL.")]
    public IReadOnlyList<string> Stores { get; init; } = [];

    [Setting("BACKUP_STORE", "Where scheduled backups go: s3, azure, local, or auto (S3 when credentials are set, else Azure when an account is, else local).")]
    public BackupStoreChoice Store { get; init; } = BackupStoreChoice.Auto;

    [Setting("BACKUP_KEEP_LOCAL", "Keep a local copy of scheduled backups that go to S3 or Azure.")]
    public bool KeepLocal { get; init; }

    [Setting("BACKUP_NAME", "First part of every backup's name. One name under one prefix belongs to one database.")]
    [RegularExpression("[A-Za-z0-9][A-Za-z0-9._-]{0,99}", ErrorMessage = "up to 100 letters, digits, dots, hyphens and underscores")]
    public string Name { get; init; } = "deepsight";

    [Setting("BACKUP_COMPRESSION", "gzip (readable by any gunzip) or zstd.")]
    public Compression Compression { get; init; } = Compression.Gzip;

    [Setting("BACKUP_CRON_HOUR", "Hour of the daily backup, UTC; BACKUP_SCHEDULE says more.", Example = "3")]
    [Range(0, 23)]
    public int? CronHour { get; init; }

    [Setting("BACKUP_SCHEDULE", "When scheduled backups run: six-field NCRONTAB in UTC. Default: 0 0 3 * * *.", Example = "0 0 3 * * *")]
    public string? Schedule { get; init; }

    [Setting("BACKUP_SESSIONS", "How many sessions read the database: large tables are read in pieces, side by side. Default: 4 where the database has 1 GB and this machine 4 processors, else 1.")]
    [Range(1, 16)]
    public int? Sessions { get; init; }

    /// <summary>Bytes from which a table counts as large.</summary>
    internal long LargeTableBytes { get; init; } = 32 << 20;

    /// <param name="databaseBytes">Of the database to be backed up.</param>
    internal int SessionsFor(long databaseBytes) => Sessions ?? (databaseBytes >= 1_000_000_000 && Environment.ProcessorCount >= 4 ? 4 : 1);

    [Setting("BACKUP_LOCK_TIMEOUT_SECONDS", "How long a dump waits for a table that is being altered before it gives up.")]
    [Range(1, 86400)]
    public int LockTimeoutSeconds { get; init; } = 60;

    [Setting("BACKUP_SIGNING_KEY", "Ed25519 key that signs each backup's manifest; `deepsight key new --signing` makes one.", Secret = true)]
    public string? SigningKey { get; init; }

    [Setting("RESTORE_TRUSTED_KEYS", "Public keys, comma-separated: restores and drills take backups only that one of them signed. Default: any backup.")]
    public IReadOnlyList<string> TrustedKeys { get; init; } = [];

    [Setting("BACKUP_AGE_RECIPIENTS", "Public keys of age (age1…), comma-separated, or files of them: backups are sealed so that only their owners can read them. `deepsight key new` makes one.")]
    public IReadOnlyList<string> AgeRecipients { get; init; } = [];

    [Setting("BACKUP_AGE_PASSPHRASE", "Seals the backups that a command makes, for someone without keys; timers and queues refuse it.", Secret = true)]
    public string? AgePassphrase { get; init; }

    [Setting("BACKUP_AGE_MANIFEST", "What a sealed backup's manifest tells without a key: open (tables with their rows, roles, extensions), or sealed (none of them; only its name, times, sizes and hashes).")]
    public ManifestSealing AgeManifest { get; init; } = ManifestSealing.Open;

    [Setting("RESTORE_AGE_IDENTITY", "Secret keys of age (AGE-SECRET-KEY-1…), comma-separated, that open sealed backups; tried in turn.", Secret = true)]
    public string? AgeIdentity { get; init; }

    [Setting("RESTORE_AGE_IDENTITY_FILE", "Files of such keys, comma-separated, as age-keygen writes them.")]
    public IReadOnlyList<string> AgeIdentityFiles { get; init; } = [];

    [Setting("RESTORE_AGE_PASSPHRASE", "Opens backups that a passphrase sealed.", Secret = true)]
    public string? AgePassphraseToOpen { get; init; }

    /// <summary>Those of <c>BACKUP_STORES</c>; empty when it is not set.</summary>
    internal IReadOnlyList<BackupStoreChoice> StoreChoices => [.. Stores.Select(Choice).OfType<BackupStoreChoice>()];

    /// <summary>Whom backups are sealed for; empty: not sealed.</summary>
    public IReadOnlyList<AgeRecipient> Recipients =>
        field ??= AgePassphrase is { } passphrase ? [new PassphraseRecipient(passphrase)] : AgeKeyList.Recipients("BACKUP_AGE_RECIPIENTS", AgeRecipients, sealingErrors);

    /// <summary>What sealed backups are opened with.</summary>
    public IReadOnlyList<AgeIdentity> Identities => field ??=
    [
        .. AgeKeyList.Identities("RESTORE_AGE_IDENTITY", AgeIdentity ?? "", sealingErrors),
        .. AgeIdentityFiles.SelectMany(file => AgeKeyList.IdentitiesIn("RESTORE_AGE_IDENTITY_FILE", file, sealingErrors)),
        .. AgePassphraseToOpen is { } passphrase ? new[] { new PassphraseIdentity(passphrase) } : [],
    ];

    internal bool SealsManifest => AgeManifest == ManifestSealing.Sealed;

    private readonly List<string> sealingErrors = [];

    /// <summary>What is wrong with those: a key left out would leave its owner without the backups.</summary>
    internal IReadOnlyList<string> SealingErrors
    {
        get
        {
            _ = (Recipients, Identities);
            return sealingErrors;
        }
    }

    /// <summary>Why backups made here may be lost to their owners; null when they may not, or none is sealed.</summary>
    public string? RecipientsWarning => Recipients is [X25519Recipient only]
        ? $"backups are sealed for one recipient only ({only.Fingerprint}): if its key is lost, so are they. Add a second one, whose key is kept offline"
        : null;

    /// <summary>Null without a key.</summary>
    internal SigningKey? Signing => field ??= SigningKey is null ? null : Dumps.Signing.SigningKey.TryParse(SigningKey);

    /// <summary>Id of the key that signs; null without one.</summary>
    public string? SignedBy => Signing?.Public.Id;

    /// <summary>Ids of the trusted keys.</summary>
    public IReadOnlyList<string> TrustedIds => [.. Trusted.Keys.Select(key => key.Id)];

    internal TrustedKeys Trusted => field ??= new([.. TrustedKeys.Select(PublicKey.TryParse).OfType<PublicKey>()]);

    /// <summary>What <c>BACKUP_SCHEDULE</c> says; else daily at <c>BACKUP_CRON_HOUR</c>; else at three.</summary>
    public string EffectiveSchedule => Schedule ?? $"0 0 {CronHour ?? 3} * * *";

    internal IEnumerable<string> Validate()
    {
        if (!Path.IsPathFullyQualified(Directory))
            yield return $"BACKUP_DIR is '{Directory}'; it must be an absolute path.";
        foreach (var name in Stores.Where(name => Choice(name) is null))
            yield return $"BACKUP_STORES has '{name}'; it may have s3, azure and local, with commas.";
        if (StoreChoices.Distinct().Count() < StoreChoices.Count) yield return "BACKUP_STORES names a store twice.";
        if (Stores.Count > 0 && (Store != BackupStoreChoice.Auto || KeepLocal))
            yield return "BACKUP_STORES is set, and so is BACKUP_STORE or BACKUP_KEEP_LOCAL, which it replaces: unset those.";
        if (SigningKey is not null && Signing is null)
            yield return "BACKUP_SIGNING_KEY is no Ed25519 key in PKCS#8 (PEM, or its base64 on one line): `deepsight key new --signing` makes one.";
        foreach (var key in TrustedKeys.Where(key => PublicKey.TryParse(key) is null))
            yield return $"RESTORE_TRUSTED_KEYS has '{key}', which is no Ed25519 public key (base64 of 44 bytes): `deepsight key public` shows one.";
        if (AgePassphrase is not null && AgeRecipients.Count > 0)
            yield return "BACKUP_AGE_RECIPIENTS and BACKUP_AGE_PASSPHRASE are both set; age seals for one or the other.";
        if (SealsManifest && Recipients.Count == 0 && SealingErrors.Count == 0)
            yield return "BACKUP_AGE_MANIFEST is sealed, and for nobody: set BACKUP_AGE_RECIPIENTS, `deepsight key new` makes a key.";
        foreach (var error in SealingErrors) yield return error;
        if (CronHour is { } hour && Schedule is { } schedule && schedule != $"0 0 {hour} * * *")
            yield return $"BACKUP_CRON_HOUR is {hour} and BACKUP_SCHEDULE is '{schedule}'; they disagree: set one of them.";
    }

    private static BackupStoreChoice? Choice(string name) =>
        EnumNames.Parse(typeof(BackupStoreChoice), name) is BackupStoreChoice and not BackupStoreChoice.Auto and var choice ? (BackupStoreChoice)choice : null;

    /// <summary>For those who write backups there: null, or why it is no good place.</summary>
    public string? DirectoryWarning => (Stores.Count == 0 || StoreChoices.Contains(BackupStoreChoice.Local)) && EphemeralDisk.IsTemporary(Directory) ? $"BACKUP_DIR is '{Directory}': a temporary folder is not for keeps." : null;
}

/// <summary>Where scheduled backups go.</summary>
public enum BackupStoreChoice
{
    /// <summary>S3 when credentials are set, else Azure when an account is, else the local directory.</summary>
    Auto,
    Local,
    S3,
    Azure,
}

/// <summary>What the manifest of a sealed backup tells without a key.</summary>
public enum ManifestSealing
{
    /// <summary>All.</summary>
    Open,

    /// <summary>No table, role or extension.</summary>
    Sealed,
}
