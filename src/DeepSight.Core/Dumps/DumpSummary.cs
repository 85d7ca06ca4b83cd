namespace DeepSight.Core.Dumps;

/// <summary>
/// What a <see cref="DumpInspector"/> saw in one dump. Its lines are what "verified" means: a dump of a restored database must
/// give the same ones.
/// </summary>
public sealed record DumpSummary
{
    /// <summary><c>15.20</c>, from the dump's header; null where it has none.</summary>
    public string? ServerVersion { get; init; }

    /// <summary><c>17.12</c>, from the dump's header; null where it has none.</summary>
    public string? PgDumpVersion { get; init; }

    /// <summary>In the order in which they first appear.</summary>
    public IReadOnlyList<TableSummary> Tables { get; init; } = [];

    /// <summary>
    /// The schema: every statement that is neither data nor about the session that reads the dump. Left out are SETs,
    /// <c>set_config('search_path', …)</c>, BEGIN and COMMIT, and <c>pg_attver</c> options.
    /// </summary>
    public required StatementSummary Statements { get; init; }

    /// <summary>Data that statements carry: sequences' values, large objects, and rows written as INSERT.</summary>
    public required StatementSummary Values { get; init; }

    /// <summary>Rows written as INSERT, which are no table's rows here: pg_dump writes them with <c>--inserts</c>.</summary>
    public long Inserts { get; init; }

    public long LargeObjects { get; init; }

    /// <summary>Extensions that the dump creates.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = [];

    /// <summary>
    /// Roles that must exist before the dump is restored: of policies and user mappings, and in dumps that are not ours of owners, grants,
    /// SET ROLE and SET SESSION AUTHORIZATION.
    /// </summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>What it creates, by kind and name, qualified where it lies in a schema.</summary>
    public IReadOnlyList<(string Kind, string Name)> Created { get; init; } = [];

    /// <summary>
    /// Routines, qualified, whose end psql alone does not see, since a word such as <c>begin</c> stands unquoted in their SQL: twenty at most.
    /// </summary>
    public IReadOnlyList<string> EndlessForPsql { get; init; } = [];

    /// <summary>What in it only a superuser may load, by kind; extensions aside.</summary>
    public IReadOnlyList<string> SuperuserNeeds { get; init; } = [];

    /// <summary>Of SQL, uncompressed.</summary>
    public long SqlBytes { get; init; }

    /// <summary>
    /// pg_dump's last comment was there, at top level, and nothing but blank lines and <c>\unrestrict</c> followed.
    /// </summary>
    public bool HasTrailer { get; init; }

    /// <summary>
    /// What the input ended in the middle of: <c>a COPY's data of public.users</c>. Null when it ended between statements.
    /// </summary>
    public string? EndsInside { get; init; }

    /// <summary>It is a whole dump. A dump that isn't has failed, whatever pg_dump's exit code.</summary>
    public bool IsComplete => HasTrailer && EndsInside is null;

    /// <summary>Of all tables.</summary>
    public long Rows => Tables.Sum(table => table.Rows);
}
