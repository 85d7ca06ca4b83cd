using static DeepSight.Core.Migrations.Autogenerate.CatalogueQuery;

namespace DeepSight.Core.Migrations.Autogenerate.Kinds;

/// <summary>Collations, text search, aggregates and event triggers: none can be changed in place but by what they are set to.</summary>
internal static class Language
{
    /// <summary>Where the locale is noted depends on the version.</summary>
    public static ObjectKind Collation { get; } = new("collation", Select(("pg_collation", "c.oid", "0"), "format('%I.%I', n.nspname, c.collname)",
        $"from pg_collation c join pg_namespace n on n.oid = c.collnamespace, to_jsonb(c) as j where {OfUsers}",
        properties: """
            'options', concat_ws(', ', 'provider = ' || case c.collprovider when 'i' then 'icu' when 'b' then 'builtin' else 'libc' end,
                case when c.collprovider = 'c' then format('lc_collate = %L, lc_ctype = %L', c.collcollate, c.collctype)
                     else format('locale = %L', coalesce(j ->> 'colllocale', j ->> 'colliculocale', c.collcollate)) end,
                'rules = ' || quote_literal(j ->> 'collicurules'), case when not c.collisdeterministic then 'deterministic = false' end)
            """))
    {
        Create = (o, _) => [$"CREATE COLLATION {o.Identity} ({o["options"]})"],
        Drop = o => [$"DROP COLLATION {o.Identity}"],
    };

    public static ObjectKind Parser { get; } = new("text search parser", Select(("pg_ts_parser", "p.oid", "0"), "format('%I.%I', n.nspname, p.prsname)",
        $"from pg_ts_parser p join pg_namespace n on n.oid = p.prsnamespace where {OfUsers}",
        properties: """
            'functions', concat_ws(', ', 'START = ' || p.prsstart, 'GETTOKEN = ' || p.prstoken, 'END = ' || p.prsend, 'HEADLINE = ' || nullif(p.prsheadline::text, '-'), 'LEXTYPES = ' || p.prslextype)
            """))
    {
        Create = (o, _) => [$"CREATE TEXT SEARCH PARSER {o.Identity} ({o["functions"]})"],
        Drop = o => [$"DROP TEXT SEARCH PARSER {o.Identity}"],
        Rename = "ALTER TEXT SEARCH PARSER {0}.{1} RENAME TO {2}",
    };

    public static ObjectKind Template { get; } = new("text search template", Select(("pg_ts_template", "t.oid", "0"), "format('%I.%I', n.nspname, t.tmplname)",
        $"from pg_ts_template t join pg_namespace n on n.oid = t.tmplnamespace where {OfUsers}",
        properties: "'functions', concat_ws(', ', 'INIT = ' || nullif(t.tmplinit::text, '-'), 'LEXIZE = ' || t.tmpllexize)"))
    {
        Create = (o, _) => [$"CREATE TEXT SEARCH TEMPLATE {o.Identity} ({o["functions"]})"],
        Drop = o => [$"DROP TEXT SEARCH TEMPLATE {o.Identity}"],
        Rename = "ALTER TEXT SEARCH TEMPLATE {0}.{1} RENAME TO {2}",
    };

    public static ObjectKind Dictionary { get; } = new("text search dictionary", Select(("pg_ts_dict", "d.oid", "0"), "format('%I.%I', n.nspname, d.dictname)",
        $"from pg_ts_dict d join pg_namespace n on n.oid = d.dictnamespace join pg_ts_template t on t.oid = d.dicttemplate join pg_namespace tn on tn.oid = t.tmplnamespace where {OfUsers}",
        properties: "'options', concat_ws(', ', format('TEMPLATE = %I.%I', tn.nspname, t.tmplname), d.dictinitoption)"))
    {
        Create = (o, _) => [$"CREATE TEXT SEARCH DICTIONARY {o.Identity} ({o["options"]})"],
        Drop = o => [$"DROP TEXT SEARCH DICTIONARY {o.Identity}"],
    };

    public static ObjectKind Configuration { get; } = new("text search configuration", Select(("pg_ts_config", "c.oid", "0"), "format('%I.%I', n.nspname, c.cfgname)",
        $"from pg_ts_config c join pg_namespace n on n.oid = c.cfgnamespace join pg_ts_parser p on p.oid = c.cfgparser join pg_namespace pn on pn.oid = p.prsnamespace where {OfUsers}",
        properties: """
            'parser', format('%I.%I', pn.nspname, p.prsname),
            'mappings', (select string_agg(format('%s WITH %s', alias, dictionaries), E'\n' order by alias)
                           from (select (select alias from ts_token_type(c.cfgparser) where tokid = m.maptokentype) as alias, string_agg(m.mapdict::regdictionary::text, ', ' order by m.mapseqno) as dictionaries
                                   from pg_ts_config_map m where m.mapcfg = c.oid group by m.maptokentype) as mapping)
            """))
    {
        Create = (o, _) => [$"CREATE TEXT SEARCH CONFIGURATION {o.Identity} (PARSER = {o["parser"]})", .. Mappings(o).Select(mapping => Map(o, mapping))],
        Drop = o => [$"DROP TEXT SEARCH CONFIGURATION {o.Identity}"],
        Alter = new Dictionary<string, Alteration>
        {
            ["mappings"] = new((old, now) =>
            [
                .. Mappings(old).Except(Mappings(now)).Select(mapping => $"ALTER TEXT SEARCH CONFIGURATION {now.Identity} DROP MAPPING FOR {mapping.Split(' ')[0]}"),
                .. Mappings(now).Except(Mappings(old)).Select(mapping => Map(now, mapping)),
            ]),
        },
    };

    public static ObjectKind Aggregate { get; } = new("aggregate", Select(("pg_proc", "p.oid", "0"), "p.oid::regprocedure::text",
        $"from pg_aggregate a join pg_proc p on p.oid = a.aggfnoid join pg_namespace n on n.oid = p.pronamespace where {OfUsers}",
        properties: """
            'arguments', pg_get_function_arguments(p.oid), 'name', format('%I.%I', n.nspname, p.proname),
            'definition', concat_ws(E',\n    ', 'SFUNC = ' || a.aggtransfn, 'STYPE = ' || format_type(a.aggtranstype, null), 'SSPACE = ' || nullif(a.aggtransspace, 0),
                'FINALFUNC = ' || nullif(a.aggfinalfn::text, '-'), case when a.aggfinalextra then 'FINALFUNC_EXTRA' end,
                case when a.aggfinalfn <> 0 then 'FINALFUNC_MODIFY = ' || case a.aggfinalmodify when 'r' then 'READ_ONLY' when 's' then 'SHAREABLE' else 'READ_WRITE' end end,
                'COMBINEFUNC = ' || nullif(a.aggcombinefn::text, '-'), 'SERIALFUNC = ' || nullif(a.aggserialfn::text, '-'), 'DESERIALFUNC = ' || nullif(a.aggdeserialfn::text, '-'),
                'INITCOND = ' || quote_literal(a.agginitval), 'MSFUNC = ' || nullif(a.aggmtransfn::text, '-'), 'MINVFUNC = ' || nullif(a.aggminvtransfn::text, '-'),
                case when a.aggmtranstype <> 0 then 'MSTYPE = ' || format_type(a.aggmtranstype, null) end, 'MSSPACE = ' || nullif(a.aggmtransspace, 0),
                'MFINALFUNC = ' || nullif(a.aggmfinalfn::text, '-'), case when a.aggmfinalextra then 'MFINALFUNC_EXTRA' end, 'MINITCOND = ' || quote_literal(a.aggminitval),
                case when a.aggsortop <> 0 then (select format('SORTOP = OPERATOR(%I.%s)', sn.nspname, oprname) from pg_operator s join pg_namespace sn on sn.oid = s.oprnamespace where s.oid = a.aggsortop) end,
                case p.proparallel when 's' then 'PARALLEL = SAFE' when 'r' then 'PARALLEL = RESTRICTED' end, case when a.aggkind = 'h' then 'HYPOTHETICAL' end)
            """))
    {
        Create = (o, _) => [$"CREATE AGGREGATE {o["name"]}({o["arguments"]}) (\n    {o["definition"]}\n)"],
        Drop = o => [$"DROP AGGREGATE {o["name"]}({o["arguments"]})"],
    };

    public static ObjectKind EventTrigger { get; } = new("event trigger", Select(("pg_event_trigger", "e.oid", "0"), "quote_ident(e.evtname)", "from pg_event_trigger e",
        properties: """
            'definition', format('ON %s%s EXECUTE FUNCTION %s()', e.evtevent, ' WHEN TAG IN (' || (select string_agg(quote_literal(tag), ', ') from unnest(e.evttags) as tag) || ')', e.evtfoid::regproc),
            'enabled', nullif(e.evtenabled, 'O')
            """))
    {
        Create = (o, _) => [$"CREATE EVENT TRIGGER {o.Identity} {o["definition"]}", .. o["enabled"].Length == 0 ? Array.Empty<string>() : [Enable(o)]],
        Drop = o => [$"DROP EVENT TRIGGER {o.Identity}"],
        Alter = new Dictionary<string, Alteration> { ["enabled"] = Alteration.To(Enable) },
    };

    private static string[] Mappings(SchemaObject o) => o["mappings"].Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Map(SchemaObject o, string mapping) => $"ALTER TEXT SEARCH CONFIGURATION {o.Identity} ADD MAPPING FOR {mapping}";

    private static string Enable(SchemaObject o) =>
        $"ALTER EVENT TRIGGER {o.Identity} {o["enabled"] switch { "D" => "DISABLE", "A" => "ENABLE ALWAYS", "R" => "ENABLE REPLICA", _ => "ENABLE" }}";
}
