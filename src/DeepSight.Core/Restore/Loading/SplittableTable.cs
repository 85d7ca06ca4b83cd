using DeepSight.Core.Databases;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Restore.Loading;

/// <summary>
/// Whether two sessions can store rows of a table at once without waiting for one another. PostgreSQL would see no deadlock where one
/// waits for the other's transaction, and the other for us.
/// </summary>
internal static class SplittableTable
{
    /// <summary>
    /// A table as pg_dump leaves it before its data: no index, trigger, rule or key, and no expression that calls a function of the dump's
    /// own, which may lock or look at other rows. Constraints of domains count whichever column has them.
    /// </summary>
    private const string Query =
        """
        select t.relname::text from pg_class t
         where t.oid = to_regclass(@table) and t.relkind = 'r'
           and not exists (select from pg_index where indrelid = t.oid)
           and not exists (select from pg_trigger where tgrelid = t.oid)
           and not exists (select from pg_rewrite where ev_class = t.oid)
           and not exists (select from pg_constraint where conrelid = t.oid and contype not in ('c', 'n'))
           and not exists (
             select from pg_depend d
               left join pg_constraint c on d.classid = 'pg_constraint'::regclass and c.oid = d.objid
               left join pg_attrdef a on d.classid = 'pg_attrdef'::regclass and a.oid = d.objid
              where d.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass) and (c.conrelid = t.oid or c.contypid <> 0 or a.adrelid = t.oid))
        """;

    /// <summary>As other sessions see it now: of a transaction that is open they don't. Not where the server gives no connection to ask by.</summary>
    public static async Task<bool> IsAsync(DatabaseUrl database, string table, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await RestoreConnection.OpenAsync(database, cancellationToken);
            return (await connection.ListAsync(Query, cancellationToken, ("table", table))).Count > 0;
        }
        catch (DeepSightException)
        {
            return false;
        }
    }
}
