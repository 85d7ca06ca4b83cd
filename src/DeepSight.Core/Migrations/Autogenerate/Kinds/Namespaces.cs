using static DeepSight.Core.Migrations.Autogenerate.CatalogueQuery;

namespace DeepSight.Core.Migrations.Autogenerate.Kinds;

/// <summary>Schemas and extensions.</summary>
internal static class Namespaces
{
    public static ObjectKind Schema { get; } = new("schema", Select(("pg_namespace", "n.oid", "0"), "quote_ident(n.nspname)", $"from pg_namespace n where {OfUsers}"))
    {
        Create = (o, _) => [$"CREATE SCHEMA {o.Identity}"],
        Drop = o => [$"DROP SCHEMA {o.Identity}"],
    };

    public static ObjectKind Extension { get; } = new("extension", Select(("pg_extension", "e.oid", "0"), "quote_ident(e.extname)",
        "from pg_extension e join pg_namespace n on n.oid = e.extnamespace",
        properties: "'schema', quote_ident(n.nspname), 'version', e.extversion",
        facts: "'default', (select default_version from pg_available_extensions a where a.name = e.extname)"))
    {
        Create = (o, _) => [$"CREATE EXTENSION {o.Identity} WITH SCHEMA {o["schema"]}{(o["version"] == o.Fact("default") ? "" : $" VERSION '{o["version"]}'")}"],
        Drop = o => [$"DROP EXTENSION {o.Identity}"],
        Alter = new Dictionary<string, Alteration>
        {
            ["schema"] = Alteration.To(o => $"ALTER EXTENSION {o.Identity} SET SCHEMA {o["schema"]}"),
            ["version"] = Alteration.To(o => $"ALTER EXTENSION {o.Identity} UPDATE TO '{o["version"]}'"),
        },
    };
}
