using static DeepSight.Core.Migrations.Autogenerate.CatalogueQuery;

namespace DeepSight.Core.Migrations.Autogenerate.Kinds;

/// <summary>Sequences but those of identity columns, and which column owns them.</summary>
internal static class Sequences
{
    private const string Of = $"from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace where {OfUsers}";

    public static ObjectKind Sequence { get; } = new("sequence", Select(("pg_class", "c.oid", "0"), "format('%I.%I', n.nspname, c.relname)",
        $"{Of} and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'i')",
        properties: $"'unlogged', nullif(c.relpersistence = 'u', false), 'options', {Options}"))
    {
        HoldsData = true,
        Create = (o, _) => [$"CREATE {(o.Is("unlogged") ? "UNLOGGED " : "")}SEQUENCE {o.Identity} {o["options"]}"],
        Drop = o => [$"DROP SEQUENCE {o.Identity}"],
        Rename = "ALTER SEQUENCE {0}.{1} RENAME TO {2}",
        Alter = new Dictionary<string, Alteration>
        {
            ["options"] = Alteration.To(o => $"ALTER SEQUENCE {o.Identity} {o["options"]}"),
            ["unlogged"] = Alteration.To(o => $"ALTER SEQUENCE {o.Identity} SET {(o.Is("unlogged") ? "UNLOGGED" : "LOGGED")}"),
        },
    };

    public static ObjectKind Ownership { get; } = new("sequence owner", Select(("pg_class", "c.oid", "-1"), "format('%I.%I', n.nspname, c.relname)",
        $"{Of.Replace("where", "join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'a' and d.refobjsubid > 0 join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid join pg_class t on t.oid = a.attrelid join pg_namespace tn on tn.oid = t.relnamespace where", StringComparison.Ordinal)}",
        properties: "'column', format('%I.%I.%I', tn.nspname, t.relname, a.attname)", parent: ("pg_class", "c.oid", "0")))
    {
        Create = (o, _) => [Own(o)],
        Drop = o => [$"ALTER SEQUENCE {o.Identity} OWNED BY NONE"],
        Alter = new Dictionary<string, Alteration> { ["column"] = Alteration.To(Own) },
    };

    /// <summary>Of <c>s</c>, all of them: whatever was set before is set anew.</summary>
    public const string Options =
        "format('AS %s START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s %s', format_type(s.seqtypid, null), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, case when s.seqcycle then 'CYCLE' else 'NO CYCLE' end)";

    private static string Own(SchemaObject o) => $"ALTER SEQUENCE {o.Identity} OWNED BY {o["column"]}";
}
