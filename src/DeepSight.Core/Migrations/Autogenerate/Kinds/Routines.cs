using static DeepSight.Core.Migrations.Autogenerate.CatalogueQuery;

namespace DeepSight.Core.Migrations.Autogenerate.Kinds;

/// <summary>Functions and procedures.</summary>
internal static class Routines
{
    public static ObjectKind Routine { get; } = new("function", Select(("pg_proc", "p.oid", "0"), "p.oid::regprocedure::text",
        $"""
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
        where p.prokind in ('f', 'p', 'w') and {OfUsers} and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype in ('i', 'e'))
        """,
        // The server's words for it begin with CREATE OR REPLACE.
        properties: "'result', coalesce(pg_get_function_result(p.oid), ''), 'arguments', pg_get_function_identity_arguments(p.oid), 'kind', p.prokind, 'defaults', nullif(p.pronargdefaults, 0), 'definition', pg_get_functiondef(p.oid)",
        facts: "'word', case p.prokind when 'p' then 'PROCEDURE' else 'FUNCTION' end, 'unchecked', l.lanname = 'sql' and p.prosqlbody is null"))
    {
        Create = (o, _) => [Definition(o)],
        Drop = o => [$"DROP {o.Fact("word")} {o.Identity}"],
        Alter = new Dictionary<string, Alteration>
        {
            ["definition"] = Alteration.To(Definition),
            // A default more can be given in place, none taken away.
            ["defaults"] = Alteration.From((old, now) => Defaults(old) <= Defaults(now) ? Definition(now) : null),
        },
    };

    private static int Defaults(SchemaObject o) => o["defaults"].Length == 0 ? 0 : int.Parse(o["defaults"], System.Globalization.CultureInfo.InvariantCulture);

    private static string Definition(SchemaObject o) => o["definition"].TrimEnd();
}
