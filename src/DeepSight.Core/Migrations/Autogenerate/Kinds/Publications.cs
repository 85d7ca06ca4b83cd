using static DeepSight.Core.Migrations.Autogenerate.CatalogueQuery;

namespace DeepSight.Core.Migrations.Autogenerate.Kinds;

/// <summary>Publications, and the tables and schemas in them.</summary>
internal static class Publications
{
    private static readonly (string, string, string) Parent = ("pg_publication", "p.oid", "0");

    public static ObjectKind Publication { get; } = new("publication", Select(Parent, "quote_ident(p.pubname)", "from pg_publication p, to_jsonb(p) as j",
        properties: """
            'all_tables', p.puballtables,
            'options', format('publish = %L, publish_via_partition_root = %s', concat_ws(', ', case when p.pubinsert then 'insert' end, case when p.pubupdate then 'update' end,
                case when p.pubdelete then 'delete' end, case when p.pubtruncate then 'truncate' end), p.pubviaroot::text)
                || case when j ? 'pubgencols' then format(', publish_generated_columns = %s', case j ->> 'pubgencols' when 's' then 'stored' else 'none' end) else '' end
            """))
    {
        Create = (o, _) => [$"CREATE PUBLICATION {o.Identity}{(o.Is("all_tables") ? " FOR ALL TABLES" : "")} WITH ({o["options"]})"],
        Drop = o => [$"DROP PUBLICATION {o.Identity}"],
        Rename = "ALTER PUBLICATION {1} RENAME TO {2}",
        Alter = new Dictionary<string, Alteration> { ["options"] = Alteration.To(o => $"ALTER PUBLICATION {o.Identity} SET ({o["options"]})") },
    };

    /// <summary>Columns and conditions are there from 15 on: a name that the system table lacks is looked up outside the subselect.</summary>
    public static ObjectKind Table { get; } = new("published table", Select(("pg_publication_rel", "r.oid", "0"), "format('%I.%I in %I', n.nspname, c.relname, p.pubname)",
        """
        from pg_publication_rel r join pg_publication p on p.oid = r.prpubid join pg_class c on c.oid = r.prrelid join pg_namespace n on n.oid = c.relnamespace,
             (select null::pg_node_tree as prqual, null::int2vector as prattrs) as missing,
             lateral (select (select prqual from pg_publication_rel x where x.oid = r.oid) as condition, (select prattrs from pg_publication_rel x where x.oid = r.oid) as numbers) as f
        """,
        properties: """
            'columns', (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a where a.attrelid = c.oid and a.attnum = any(f.numbers)), 'condition', pg_get_expr(f.condition, c.oid)
            """,
        facts: "'publication', quote_ident(p.pubname), 'table', format('%I.%I', n.nspname, c.relname)", parent: Parent))
    {
        Create = (o, _) => [$"ALTER PUBLICATION {o.Fact("publication")} ADD TABLE ONLY {o.Fact("table")}{(o["columns"].Length > 0 ? $" ({o["columns"]})" : "")}{(o["condition"].Length > 0 ? $" WHERE ({o["condition"]})" : "")}"],
        Drop = o => [$"ALTER PUBLICATION {o.Fact("publication")} DROP TABLE ONLY {o.Fact("table")}"],
    };

    public static ObjectKind Schema { get; } = new("published schema", Select(("pg_publication_namespace", "r.oid", "0"), "format('%I in %I', n.nspname, p.pubname)",
        "from pg_publication_namespace r join pg_publication p on p.oid = r.pnpubid join pg_namespace n on n.oid = r.pnnspid",
        facts: "'publication', quote_ident(p.pubname), 'schema', quote_ident(n.nspname)", parent: Parent))
    {
        FromMajor = 15,
        Create = (o, _) => [$"ALTER PUBLICATION {o.Fact("publication")} ADD TABLES IN SCHEMA {o.Fact("schema")}"],
        Drop = o => [$"ALTER PUBLICATION {o.Fact("publication")} DROP TABLES IN SCHEMA {o.Fact("schema")}"],
    };
}
