using Npgsql;

namespace DeepSight.Core.Postgres;

/// <summary>
/// The schema in which we keep our bookkeeping about a database (restores done, the hold on migrations). Dumps leave it out; but an
/// application may have a schema of that name too, and what is in there is its data, not ours.
/// </summary>
internal static class OwnSchema
{
    public const string Name = "deepsight";

    /// <summary>As SQL: whether anything lies in it that isn't ours.</summary>
    public const string IsShared =
        """
        exists (select from pg_depend d join pg_namespace n on n.oid = d.refobjid
                 where d.refclassid = 'pg_namespace'::regclass and n.nspname = 'deepsight'
                   and not exists (select from pg_class c
                                    where d.classid = 'pg_class'::regclass and c.oid = d.objid and c.relname in ('restores', 'migration_hold')))
        """;

    private static readonly string[] Whole = [$"--exclude-schema={Name}"];
    private static readonly string[] OursAlone = [$"--exclude-table={Name}.restores", $"--exclude-table={Name}.migration_hold"];

    /// <summary>What pg_dump is told.</summary>
    public static string[] Excluding(bool isShared) => isShared ? OursAlone : Whole;

    public static async Task<bool> IsSharedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select " + IsShared, connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
