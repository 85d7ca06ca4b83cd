using static DeepSight.Core.Migrations.Autogenerate.CatalogueQuery;

namespace DeepSight.Core.Migrations.Autogenerate.Kinds;

/// <summary>Constraints of tables, indexes that belong to none, and statistics objects.</summary>
internal static class Constraints
{
    private static readonly (string, string, string) OfTable = ("pg_class", "c.oid", "0");

    public static ObjectKind Constraint { get; } = new("constraint", Query("'p', 'u', 'c', 'x'"))
    {
        IsPart = true,
        Create = Add,
        Drop = Remove,
        Rename = "ALTER TABLE {0} RENAME CONSTRAINT {1} TO {2}",
        Alter = Validation,
    };

    /// <summary>Never part of CREATE TABLE: two tables may point at each other.</summary>
    public static ObjectKind ForeignKey { get; } = new("foreign key", Query("'f'"))
    {
        Create = Add,
        Drop = Remove,
        Rename = "ALTER TABLE {0} RENAME CONSTRAINT {1} TO {2}",
        Alter = new Dictionary<string, Alteration>(Validation)
        {
            ["enforced"] = Alteration.To(o => $"ALTER TABLE {o.Parent!.Identity} ALTER CONSTRAINT {o.Fact("name")} {(o["enforced"] == "false" ? "NOT ENFORCED" : "ENFORCED")}"),
            ["deferrable"] = Alteration.To(o => $"ALTER TABLE {o.Parent!.Identity} ALTER CONSTRAINT {o.Fact("name")} {(o["deferrable"].Length > 0 ? o["deferrable"] : "NOT DEFERRABLE")}"),
        },
    };

    public static ObjectKind Index { get; } = new("index", Select(("pg_class", "c.oid", "0"), "format('%I.%I', n.nspname, c.relname)",
        $"""
        from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
        where t.relkind in ('r', 'p', 'm') and t.relpersistence <> 't' and {OfUsers} and not exists (select from pg_constraint k where k.conindid = c.oid and k.contype in ('p', 'u', 'x'))
        """,
        properties: $"""
            'definition', regexp_replace(regexp_replace(pg_get_indexdef(c.oid), ' ON ONLY ', ' ON '), ' WITH \([^()]*\)( WHERE |$)', '\1'), 'options', array_to_string(c.reloptions, ', '), 'attached', {Attached("c.oid")},
            'statistics', (select string_agg(format('ALTER COLUMN %s SET STATISTICS %s', attnum, attstattarget), E'\n' order by attnum) from pg_attribute where attrelid = c.oid and attstattarget >= 0)
            """,
        facts: "'schema', quote_ident(n.nspname), 'name', quote_ident(c.relname), 'beside', quote_ident(left(c.relname, 59) || '_new'), 'sql', regexp_replace(pg_get_indexdef(c.oid), ' ON ONLY ', ' ON '), 'on_partition', t.relispartition, 'inherited', exists (select from pg_inherits h where h.inhrelid = c.oid)", parent: ("pg_class", "t.oid", "0")))
    {
        Create = (o, _) => [o.Fact("sql"), .. Lines(o["statistics"]).Select(action => $"ALTER INDEX {o.Identity} {action}")],
        Drop = o => [$"DROP INDEX {o.Identity}"],
        Rename = "ALTER INDEX {0}.{1} RENAME TO {2}",
        Alter = new Dictionary<string, Alteration>
        {
            ["options"] = new((old, now) => Tables.ChangeOptions($"ALTER INDEX {now.Identity}", old["options"], now["options"])),
            ["attached"] = Attachment,
            ["statistics"] = new((old, now) =>
            [
                .. Lines(old["statistics"]).Where(action => !Lines(now["statistics"]).Any(other => other.StartsWith(Until(action), StringComparison.Ordinal))).Select(action => $"ALTER INDEX {now.Identity} {Until(action)}-1"),
                .. Lines(now["statistics"]).Except(Lines(old["statistics"])).Select(action => $"ALTER INDEX {now.Identity} {action}"),
            ]),
        },
    };

    public static ObjectKind Statistics { get; } = new("statistics", Select(("pg_statistic_ext", "s.oid", "0"), "format('%I.%I', n.nspname, s.stxname)",
        $"from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace where {OfUsers}",
        properties: "'definition', pg_get_statisticsobjdef(s.oid), 'target', nullif(s.stxstattarget, -1)", parent: ("pg_class", "s.stxrelid", "0")))
    {
        Create = (o, _) => [o["definition"], .. o["target"].Length > 0 ? [Target(o)] : Array.Empty<string>()],
        Drop = o => [$"DROP STATISTICS {o.Identity}"],
        Alter = new Dictionary<string, Alteration> { ["target"] = Alteration.To(Target) },
    };

    /// <summary>As it stands in CREATE TABLE.</summary>
    public static string Define(SchemaObject o) => $"CONSTRAINT {o.Fact("name")} {o["definition"]}{Types.With(" ", o["deferrable"])}{(o["enforced"] == "false" ? " NOT ENFORCED" : "")}{(o["valid"] == "false" ? " NOT VALID" : "")}";

    /// <summary>
    /// An index of a partition becomes part of the parent's. Where the table is no partition any more, DETACH has parted them;
    /// where it is one, the parent's index goes and takes this one along.
    /// </summary>
    private static Alteration Attachment => Alteration.From((_, now) =>
        now["attached"].Length > 0 ? $"ALTER INDEX {now["attached"]} ATTACH PARTITION {(now.Kind == Index ? now.Identity : now.Fact("takes"))}" : now.Fact("on_partition") == "true" ? null : "");

    private static string Attached(string index) =>
        $"(select format('%I.%I', hn.nspname, h.relname) from pg_inherits hi join pg_class h on h.oid = hi.inhparent join pg_namespace hn on hn.oid = h.relnamespace where hi.inhrelid = {index})";

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Until(string action) => action[..(action.LastIndexOf(' ') + 1)];

    private static Dictionary<string, Alteration> Validation => new()
    {
        ["attached"] = Attachment,
        ["valid"] = Alteration.To(o => o["valid"] == "false" ? null : $"ALTER TABLE {o.Parent!.Identity} VALIDATE CONSTRAINT {o.Fact("name")}"),
    };

    /// <summary>
    /// What comes behind the definition itself has properties of its own, for it can be changed in place. Of a foreign key the server keeps a part
    /// for each partition that it points at, under a name of its own making: those are known by the key's name and the partition's.
    /// </summary>
    private static string Query(string kinds) => Select(("pg_constraint", "k.oid", "0"), "format('%I.%I.%I', n.nspname, c.relname, whole.conname) || case when whole.oid <> k.oid then ' > ' || k.confrelid::regclass else '' end",
        $"""
        from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace left join pg_class i on i.oid = k.conindid and k.contype <> 'f',
             lateral (with recursive up as (
                 select k.oid, k.conname, k.conparentid
                 union all select p.oid, p.conname, p.conparentid from up join pg_constraint p on p.oid = up.conparentid and p.conrelid = k.conrelid)
               select oid, conname from up where not exists (select from pg_constraint p where p.oid = up.conparentid and p.conrelid = k.conrelid)) as whole,
             lateral (select regexp_replace(pg_get_constraintdef(k.oid), '( DEFERRABLE)?( INITIALLY DEFERRED)?( NOT ENFORCED)?( NOT VALID)?$', '')) as d (definition)
        where k.contype in ({kinds}) and c.relpersistence <> 't' and {OfUsers}
        order by c.oid, array_position(array['p', 'u', 'c', 'x'], k.contype::text), k.conname
        """,
        properties: $"'definition', d.definition, 'deferrable', case when k.condeferred then 'DEFERRABLE INITIALLY DEFERRED' when k.condeferrable then 'DEFERRABLE' when k.contype = 'f' then '' end, 'attached', {Attached("i.oid")}, 'enforced', nullif((to_jsonb(k) ->> 'conenforced')::bool, true), 'valid', case when not k.convalidated and coalesce((to_jsonb(k) ->> 'conenforced')::bool, true) then false end",
        // In CREATE TABLE, NOT VALID means nothing.
        facts: "'name', quote_ident(k.conname), 'points_at', (select format('%I.%I', fn.nspname, f.relname) from pg_class f join pg_namespace fn on fn.oid = f.relnamespace where f.oid = k.confrelid), 'beside', quote_ident(left(k.conname, 59) || '_new'), 'index', pg_get_indexdef(i.oid), 'on_partition', c.relispartition, 'apart', not k.convalidated and coalesce((to_jsonb(k) ->> 'conenforced')::bool, true), 'inherited', k.conparentid <> 0 or (k.coninhcount > 0 and not k.conislocal), 'takes', quote_ident(n.nspname) || '.' || quote_ident(i.relname)", parent: OfTable);

    private static IEnumerable<string> Add(SchemaObject o, Func<SchemaObject, IReadOnlyList<SchemaObject>> partsOf) => [$"ALTER TABLE {o.Parent!.Identity} ADD {Define(o)}"];

    private static IEnumerable<string> Remove(SchemaObject o) => [$"ALTER TABLE {o.Parent!.Identity} DROP CONSTRAINT {o.Fact("name")}"];

    private static string Target(SchemaObject o) => $"ALTER STATISTICS {o.Identity} SET STATISTICS {(o["target"].Length > 0 ? o["target"] : "-1")}";
}
