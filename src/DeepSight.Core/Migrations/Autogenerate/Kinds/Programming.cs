using static DeepSight.Core.Migrations.Autogenerate.CatalogueQuery;

namespace DeepSight.Core.Migrations.Autogenerate.Kinds;

/// <summary>Languages, casts, transforms, conversions and access methods: only their comments and privileges change in place.</summary>
internal static class Programming
{
    public static ObjectKind Language { get; } = new("language", Select(("pg_language", "l.oid", "0"), "quote_ident(l.lanname)", "from pg_language l where l.lanispl and l.oid >= 16384",
        properties: """
            'trusted', l.lanpltrusted,
            'definition', concat_ws(' ', 'HANDLER ' || l.lanplcallfoid::regproc, 'INLINE ' || nullif(l.laninline::regproc::text, '-'), 'VALIDATOR ' || nullif(l.lanvalidator::regproc::text, '-'))
            """))
    {
        Create = (o, _) => [$"CREATE {(o.Is("trusted") ? "TRUSTED " : "")}LANGUAGE {o.Identity} {o["definition"]}"],
        Drop = o => [$"DROP LANGUAGE {o.Identity}"],
    };

    public static ObjectKind Cast { get; } = new("cast", Select(("pg_cast", "c.oid", "0"), "format('(%s AS %s)', format_type(c.castsource, null), format_type(c.casttarget, null))",
        "from pg_cast c where c.oid >= 16384 and not exists (select from pg_depend d where d.classid = 'pg_cast'::regclass and d.objid = c.oid and d.deptype = 'i')",
        properties: """
            'method', case c.castmethod when 'f' then 'WITH FUNCTION ' || c.castfunc::regprocedure when 'i' then 'WITH INOUT' else 'WITHOUT FUNCTION' end,
            'context', case c.castcontext when 'a' then ' AS ASSIGNMENT' when 'i' then ' AS IMPLICIT' end
            """))
    {
        Create = (o, _) => [$"CREATE CAST {o.Identity} {o["method"]}{o["context"]}"],
        Drop = o => [$"DROP CAST {o.Identity}"],
    };

    public static ObjectKind Transform { get; } = new("transform", Select(("pg_transform", "t.oid", "0"), "format('FOR %s LANGUAGE %I', format_type(t.trftype, null), l.lanname)",
        "from pg_transform t join pg_language l on l.oid = t.trflang",
        properties: "'functions', concat_ws(', ', case when t.trffromsql <> 0 then 'FROM SQL WITH FUNCTION ' || t.trffromsql::regprocedure end, case when t.trftosql <> 0 then 'TO SQL WITH FUNCTION ' || t.trftosql::regprocedure end)"))
    {
        Create = (o, _) => [$"CREATE TRANSFORM {o.Identity} ({o["functions"]})"],
        Drop = o => [$"DROP TRANSFORM {o.Identity}"],
    };

    public static ObjectKind Conversion { get; } = new("conversion", Select(("pg_conversion", "c.oid", "0"), "format('%I.%I', n.nspname, c.conname)",
        $"from pg_conversion c join pg_namespace n on n.oid = c.connamespace where {OfUsers}",
        properties: "'default', c.condefault, 'definition', format('FOR %L TO %L FROM %s', pg_encoding_to_char(c.conforencoding), pg_encoding_to_char(c.contoencoding), c.conproc::regproc)"))
    {
        Create = (o, _) => [$"CREATE {(o.Is("default") ? "DEFAULT " : "")}CONVERSION {o.Identity} {o["definition"]}"],
        Drop = o => [$"DROP CONVERSION {o.Identity}"],
    };

    public static ObjectKind AccessMethod { get; } = new("access method", Select(("pg_am", "a.oid", "0"), "quote_ident(a.amname)", "from pg_am a where a.oid >= 16384",
        properties: "'definition', format('TYPE %s HANDLER %s', case a.amtype when 'i' then 'INDEX' else 'TABLE' end, a.amhandler)"))
    {
        Create = (o, _) => [$"CREATE ACCESS METHOD {o.Identity} {o["definition"]}"],
        Drop = o => [$"DROP ACCESS METHOD {o.Identity}"],
    };
}
