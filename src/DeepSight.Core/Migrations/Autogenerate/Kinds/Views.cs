using static DeepSight.Core.Migrations.Autogenerate.CatalogueQuery;

namespace DeepSight.Core.Migrations.Autogenerate.Kinds;

/// <summary>Views, materialized or not.</summary>
internal static class Views
{
    private const string Properties = "'options', array_to_string(c.reloptions, ', '), 'definition', pg_get_viewdef(c.oid)";

    public static ObjectKind View { get; } = new("view", Query("v", Properties))
    {
        Create = (o, partsOf) => [Make(o, "CREATE VIEW"), .. partsOf(o).SelectMany(part => part.Kind.Create(part, partsOf))],
        Drop = o => [$"DROP VIEW {o.Identity}"],
        Rename = "ALTER VIEW {0}.{1} RENAME TO {2}",
        Alter = new Dictionary<string, Alteration> { ["definition"] = Alteration.From(Replace), ["options"] = Alteration.From(Replace) },
    };

    public static ObjectKind MaterializedView { get; } = new("materialized view",
        Query("m", Properties + ", 'access_method', (select quote_ident(amname) from pg_am where oid = c.relam and amname <> current_setting('default_table_access_method'))"))
    {
        Create = (o, _) => [Make(o, "CREATE MATERIALIZED VIEW")],
        Drop = o => [$"DROP MATERIALIZED VIEW {o.Identity}"],
        Rename = "ALTER MATERIALIZED VIEW {0}.{1} RENAME TO {2}",
        Alter = new Dictionary<string, Alteration> { ["options"] = new((old, now) => Tables.ChangeOptions($"ALTER MATERIALIZED VIEW {now.Identity}", old["options"], now["options"])) },
    };

    private static string Query(string kind, string properties) => Select(("pg_class", "c.oid", "0"), "format('%I.%I', n.nspname, c.relname)",
        $"from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = '{kind}' and {OfUsers} order by c.oid", properties,
        facts: "'columns', (select string_agg(format('%I %s %s', attname, format_type(atttypid, atttypmod), attcollation), E'\\n' order by attnum) from pg_attribute where attrelid = c.oid and attnum > 0)");

    private static string Make(SchemaObject o, string create) => $"{create} {o.Identity}{Types.With(" USING ", o["access_method"])}{(o["options"].Length > 0 ? $" WITH ({o["options"]})" : "")} AS\n{o["definition"].TrimEnd().TrimEnd(';')}";

    /// <summary>PostgreSQL replaces a view that keeps its columns and adds others behind them.</summary>
    private static string? Replace(SchemaObject old, SchemaObject now) =>
        $"{now.Fact("columns")}\n".StartsWith($"{old.Fact("columns")}\n", StringComparison.Ordinal) ? Make(now, "CREATE OR REPLACE VIEW") : null;
}
