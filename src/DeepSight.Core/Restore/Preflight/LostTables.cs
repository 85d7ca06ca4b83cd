using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Restore.Preflight;

/// <summary>Tables of the target that a backup doesn't hold: what replaces the whole database takes them away.</summary>
internal static class LostTables
{
    private const int Shown = 5;

    /// <summary>Of an extension they come with it; our own records stay.</summary>
    public static async Task<IReadOnlyList<string>> FindAsync(NpgsqlConnection connection, IReadOnlyList<string> schemas, IEnumerable<string> held, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select n.nspname::text, c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'deepsight') and (cardinality(@schemas) = 0 or n.nspname = any (@schemas))
               and not exists (select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
             order by 1, 2
            """, connection);
        command.Parameters.AddWithValue("schemas", schemas.ToArray());
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var known = held.ToHashSet(StringComparer.Ordinal);
        var lost = new List<string>();
        while (await row.ReadAsync(cancellationToken))
            if ($"{SqlName.Quote(row.GetString(0))}.{SqlName.Quote(row.GetString(1))}" is var name && !known.Contains(name)) lost.Add(name);
        return lost;
    }

    /// <summary>Our own backups hold a whole database: what is not in them came later. A dump by hand may be of one table.</summary>
    /// <exception cref="DeepSightException">It would take tables away, and nobody agreed to that (<see cref="FailureKind.Refused"/>).</exception>
    public static void Check(RestoreRequest request, DumpSource source, IReadOnlyList<string> lost)
    {
        if (lost.Count > 0 && request.EffectiveMode == RestoreMode.InPlace && source is FileSource { Manifest: null } && !request.DropOthers && !request.DryRun)
            throw new DeepSightException(FailureKind.Refused,
                $"'{request.Target.Display}' has {lost.Count} {(lost.Count == 1 ? "table that is" : "tables that are")} not in '{source.Name}' and would be gone: {Names(lost)}.",
                "--drop-others drops them as well; RESTORE_SCHEMAS limits what is dropped; the mode swap (the default) keeps them in the database that is set aside.");
    }

    public static string Names(IReadOnlyList<string> lost) =>
        string.Join(", ", lost.Take(Shown)) + (lost.Count > Shown ? $" and {lost.Count - Shown} more" : "");
}
