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

    /// <summary>
    /// As SQL: whether a table of ours is there and as we made it. One that a dump has made may run its maker's code as us when we read it (a view; an
    /// index's expression, which the planner computes) or write it.
    /// </summary>
    public static string IsPlain(string table) =>
        $"""
        coalesce((select c.relkind = 'r' and not c.relhasrules and not c.relhastriggers and not c.relhassubclass and not c.relrowsecurity
            and not exists (select from pg_index i where i.indrelid = c.oid and (i.indexprs is not null or i.indpred is not null))
            and not exists (select from pg_statistic_ext s where s.stxrelid = c.oid)
            and not exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and pg_get_constraintdef(k.oid) <> 'CHECK (one)')
            and not exists (select from pg_attribute a join pg_type t on t.oid = a.atttypid where a.attrelid = c.oid and a.attnum > 0 and t.typnamespace <> 'pg_catalog'::regnamespace)
            and not exists (select from pg_attrdef f join pg_depend d on d.classid = 'pg_attrdef'::regclass and d.objid = f.oid
                             where f.adrelid = c.oid and d.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass))
           from pg_class c where c.oid = to_regclass('{Name}.{table}')), false)
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
