using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace DeepSight.Core.Dumps;

/// <summary>
/// What a backup holds, written last: with it the backup exists. Holds no host, user or secret. Fields of capabilities that
/// are not in use are null.
/// </summary>
public sealed record BackupManifest : IJsonOnDeserialized
{
    public const int CurrentSchemaVersion = 1;

    public int SchemaVersion { get; init; } = CurrentSchemaVersion;

    public required string Name { get; init; }

    /// <summary>A short hash of host, port and database: one stem under one prefix belongs to one database.</summary>
    public required string DatabaseId { get; init; }

    /// <summary><c>plain</c>: SQL for psql.</summary>
    [AllowNull]
    public string Format { get; init => field = value ?? "plain"; } = "plain";

    public required BackupKind Kind { get; init; }

    public required string Database { get; init; }

    public required string ServerVersion { get; init; }

    public required string PgDumpVersion { get; init; }

    public required string ToolVersion { get; init; }

    /// <summary>UTC; what was written to the database after it is not in the backup.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset FinishedAt { get; init; }

    public required long StoredBytes { get; init; }

    public required long SqlBytes { get; init; }

    /// <summary>Of the stored object, lower-case hexadecimal, as <c>sha256sum</c> prints it.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Of the access file; null when there is none.</summary>
    public string? AccessSha256 { get; init; }

    /// <summary>Fingerprints of those who can open it, or <c>passphrase</c>; null when it is not sealed.</summary>
    public IReadOnlyList<string>? Recipients { get; init; }

    /// <summary>
    /// With <c>BACKUP_AGE_MANIFEST=sealed</c> the whole manifest as a file of age in base64: then no table, role or extension stands
    /// here in clear text. Null when nothing is hidden, or it was opened.
    /// </summary>
    public string? Sealed { get; init; }

    public SchemaPosition? Migrations { get; init; }

    /// <summary>Null in manifests of older versions.</summary>
    public DatabaseLocale? Locale { get; init; }

    /// <summary>Roles that the dump or the access file names, sorted.</summary>
    [AllowNull]
    public IReadOnlyList<string> Roles { get; init => field = value ?? []; } = [];

    /// <summary>Those of them without which the dump itself does not load; null in manifests of older versions.</summary>
    public IReadOnlyList<string>? NeededRoles { get; init; }

    /// <summary>Extensions that the dump creates, sorted.</summary>
    [AllowNull]
    public IReadOnlyList<string> Extensions { get; init => field = value ?? []; } = [];

    /// <summary>What in the dump only a superuser may load, by kind; extensions aside. Null in manifests of versions that didn't note it.</summary>
    public IReadOnlyList<string>? SuperuserNeeds { get; init; }

    /// <summary>In the order of the dump.</summary>
    public required IReadOnlyList<TableSummary> Tables { get; init; }

    /// <summary>The schema's statements. PostgreSQL rewords some after a restore, so only their count is binding.</summary>
    public required StatementSummary Statements { get; init; }

    /// <summary>Values outside tables: sequences, large objects, INSERT rows.</summary>
    public required StatementSummary Values { get; init; }

    /// <summary>Of the rest of the file, by <c>BACKUP_SIGNING_KEY</c>; null without one. The last of all, on a line of its own.</summary>
    public string? Signature { get; init; }

    /// <summary>Why it is not to be trusted; null when it is, or where nothing asks for signatures.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string? Untrusted { get; init; }

    /// <summary>No identity set here opens what is sealed of it: it tells of no table, role or extension.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsClosed => Sealed is not null;

    /// <summary>Of all tables; null when <see cref="IsClosed"/>.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public long? Rows => IsClosed ? null : Tables.Sum(table => table.Rows);

    void IJsonOnDeserialized.OnDeserialized()
    {
        RecordCheck.Names([Name, DatabaseId, Format, Database, ServerVersion, PgDumpVersion, ToolVersion, Sha256], "name");
        RecordCheck.Require(Enum.IsDefined(Kind), "kind");
        RecordCheck.Count(StoredBytes, "stored_bytes");
        RecordCheck.Count(SqlBytes, "sql_bytes");
        RecordCheck.Hash(Sha256, "sha256");
        RecordCheck.Hash(AccessSha256, "access_sha256");
        RecordCheck.Names(Recipients ?? [], "recipients");
        if (Locale is { } locale) RecordCheck.Names([locale.Encoding, locale.Collate, locale.Ctype, locale.Provider, locale.Locale ?? ""], "locale");
        RecordCheck.Text(Locale?.IcuRules, "locale");
        RecordCheck.Texts([.. Roles, .. NeededRoles ?? []], "roles");
        RecordCheck.Texts([.. Extensions, .. SuperuserNeeds ?? []], "extensions");
        foreach (var summary in new[] { Statements, Values })
        {
            RecordCheck.Names([summary.Checksum], "checksum");
            RecordCheck.Count(summary.Count, "count");
        }

        var rows = 0L;
        foreach (var table in Tables)
        {
            RecordCheck.Require(table is { Columns: not null }, "tables");
            RecordCheck.Texts([table.Name, table.Checksum, .. table.Columns], "tables");
            RecordCheck.Count(table.Rows, "rows");
            RecordCheck.Count(table.Bytes, "bytes");
            RecordCheck.Count(rows += table.Rows, "rows");
        }

        RecordCheck.Require(Tables.DistinctBy(table => table.Name).Count() == Tables.Count, "tables");
    }

    /// <summary>What a dump of the restored database must come to.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public DumpSummary Summary => new()
    {
        ServerVersion = ServerVersion,
        PgDumpVersion = PgDumpVersion,
        Tables = Tables,
        Statements = Statements,
        Values = Values,
        Extensions = Extensions,
        SqlBytes = SqlBytes,
        HasTrailer = true,
    };
}

/// <summary>The applied and the newest revision when the backup was made; several heads are joined with a comma.</summary>
public sealed record SchemaPosition(string? CurrentRevision, string? HeadRevision);

/// <summary>Why a backup was taken.</summary>
[JsonConverter(typeof(KebabCase<BackupKind>))]
public enum BackupKind
{
    /// <summary>By the timer, or by <c>POST /admin/functions/Backup</c>.</summary>
    Scheduled,

    /// <summary>By command.</summary>
    Manual,

    /// <summary>Before a restore; never <c>latest</c>, kept by its own days.</summary>
    PreRestore,
}

/// <summary>What a dump holds of statements other than COPY data.</summary>
/// <param name="Checksum">The sum modulo 2^64 of each statement's XxHash3, in 16 hexadecimal digits.</param>
public sealed record StatementSummary(long Count, string Checksum);

/// <summary>What a dump holds of one table. Two dumps of equal data have equal summaries, whatever the order of rows.</summary>
/// <param name="Name">
/// As the dump qualifies it, <c>schema.table</c>; a part that isn't all lower-case letters, digits, <c>_</c> and <c>$</c> is
/// quoted: <c>public."odd.name"</c>. Rows of hash partitions that are dumped under their parent's name count there.
/// </param>
/// <param name="Columns">In the order of the data, unquoted. Empty where the dump names none (a table without columns).</param>
/// <param name="Rows">Lines of COPY data.</param>
/// <param name="Bytes">Of COPY data, line ends included.</param>
/// <param name="Checksum">The sum modulo 2^64 of each line's XxHash3 (without its line feed), in 16 hexadecimal digits.</param>
public sealed record TableSummary(string Name, IReadOnlyList<string> Columns, long Rows, long Bytes, string Checksum);
