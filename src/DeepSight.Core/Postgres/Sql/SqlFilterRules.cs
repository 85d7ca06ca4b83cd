using System.Collections.Frozen;

namespace DeepSight.Core.Postgres.Sql;

/// <summary>What a <see cref="SqlFilter"/> leaves out and what it refuses. By default nothing: every byte passes.</summary>
internal sealed record SqlFilterRules
{
    /// <summary>
    /// Settings, in lower case, whose SET is left out because the server doesn't know them: <see cref="SettingsUnknownTo"/>.
    /// </summary>
    public IReadOnlySet<string> UnknownSettings { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Leaves out the option <c>pg_attver</c>, and the statement with it where it is the only one.</summary>
    public bool DropAttributeVersions { get; init; }

    /// <summary>
    /// Leaves out <c>\restrict</c> and <c>\unrestrict</c>: a psql older than August 2025 doesn't know them, and whoever sends
    /// its own needs no second.
    /// </summary>
    public bool DropRestrict { get; init; }

    /// <summary>
    /// The caller drives the transaction: the dump's own BEGIN and COMMIT (around large objects) are left out, and whatever else
    /// would end it early is refused.
    /// </summary>
    public bool OwnTransaction { get; init; }

    /// <summary>
    /// The dump's own BEGIN and COMMIT stay, and what would undo what came before (ROLLBACK, PREPARE TRANSACTION) is refused.
    /// </summary>
    public bool KeepTransaction { get; init; }

    /// <summary>
    /// Refuses what reaches beyond the database (DROP DATABASE, ALTER ROLE, ALTER SYSTEM), and leaves out what is said about a database
    /// itself: <c>pg_dump --create</c>, pg_dumpall and pg_dump up to 10 write such statements.
    /// </summary>
    public bool WithinDatabase { get; init; }

    /// <summary>Refuses every statement that pg_dump doesn't write: <see cref="PgDumpStatements"/>.</summary>
    public bool OnlyPgDumps { get; init; }

    /// <summary>Schemas whose CREATE SCHEMA and COMMENT ON SCHEMA are left out, since they are there already.</summary>
    public IReadOnlySet<string> KeptSchemas { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Extensions whose CREATE EXTENSION and COMMENT ON EXTENSION are left out, since they are there already.</summary>
    public IReadOnlySet<string> KeptExtensions { get; init; } = FrozenSet<string>.Empty;

    /// <summary>
    /// Refuses every meta-command but <c>\restrict</c> and <c>\unrestrict</c>, and what would let psql see one that isn't seen
    /// here: zero bytes, at which psql cuts a line off, and client encodings in which a backslash can be half of a character.
    /// </summary>
    public bool RefuseMetaCommands { get; init; }

    /// <summary>
    /// Written behind a statement whose end psql does not see (<see cref="SqlStatement.GoesOnForPsql"/>); null where it is not psql that reads
    /// what passes. With it, a statement that psql would cut is refused.
    /// </summary>
    public string? EndForPsql { get; init; }

    /// <summary>
    /// Settings that the newest pg_dump writes and this server doesn't know (src/bin/pg_dump/pg_backup_archiver.c).
    /// </summary>
    /// <param name="serverMajor">15 for 15.20.</param>
    public static IReadOnlySet<string> SettingsUnknownTo(int serverMajor) =>
        SettingsByMajor.Where(setting => serverMajor < setting.Value).Select(setting => setting.Key).ToFrozenSet();

    private static readonly Dictionary<string, int> SettingsByMajor = new() { ["transaction_timeout"] = 17 };
}
