using static DeepSight.Core.Migrations.Autogenerate.CatalogueQuery;

namespace DeepSight.Core.Migrations.Autogenerate.Kinds;

/// <summary>Rules, triggers and policies of tables and views.</summary>
internal static class Behaviour
{
    private const string Relation = "'table', format('%I.%I', n.nspname, c.relname)";

    private static readonly (string, string, string) Parent = ("pg_class", "c.oid", "0");

    public static ObjectKind Rule { get; } = new("rule", Select(("pg_rewrite", "r.oid", "0"), "format('%I ON %I.%I', r.rulename, n.nspname, c.relname)",
        $"from pg_rewrite r {OfRelation("r.ev_class")} where r.rulename <> '_RETURN' and {OfUsers}",
        properties: "'definition', pg_get_ruledef(r.oid), 'enabled', nullif(r.ev_enabled, 'O')", facts: $"{Relation}, 'name', quote_ident(r.rulename)", parent: Parent))
    {
        Create = (o, _) => [o["definition"].TrimEnd().TrimEnd(';'), .. Enabled(o, "RULE")],
        Drop = o => [$"DROP RULE {o.Identity}"],
        Alter = new Dictionary<string, Alteration> { ["enabled"] = Alteration.To(o => Enable(o, "RULE")) },
    };

    public static ObjectKind Trigger { get; } = new("trigger", Select(("pg_trigger", "g.oid", "0"), "format('%I ON %I.%I', g.tgname, n.nspname, c.relname)",
        $"from pg_trigger g {OfRelation("g.tgrelid")} where not g.tgisinternal and {OfUsers}",
        properties: "'definition', pg_get_triggerdef(g.oid), 'enabled', nullif(g.tgenabled, 'O')", facts: $"{Relation}, 'name', quote_ident(g.tgname), 'inherited', g.tgparentid <> 0", parent: Parent))
    {
        Create = (o, _) => [o["definition"], .. Enabled(o, "TRIGGER")],
        Drop = o => [$"DROP TRIGGER {o.Identity}"],
        Alter = new Dictionary<string, Alteration> { ["enabled"] = Alteration.To(o => Enable(o, "TRIGGER")) },
    };

    public static ObjectKind Policy { get; } = new("policy", Select(("pg_policy", "p.oid", "0"), "format('%I ON %I.%I', p.polname, n.nspname, c.relname)",
        $"from pg_policy p {OfRelation("p.polrelid")} where {OfUsers}",
        properties: """
            'restrictive', not p.polpermissive, 'command', case p.polcmd when 'r' then 'SELECT' when 'a' then 'INSERT' when 'w' then 'UPDATE' when 'd' then 'DELETE' else 'ALL' end,
            'roles', (select string_agg(case when role = 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(role)) end, ', ' order by 1) from unnest(p.polroles) as role),
            'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid)
            """, parent: Parent))
    {
        Create = (o, _) => [$"CREATE POLICY {o.Identity}{(o.Is("restrictive") ? " AS RESTRICTIVE" : "")} FOR {o["command"]} TO {o["roles"]}{Parenthesised(" USING ", o["using"])}{Parenthesised(" WITH CHECK ", o["check"])}"],
        Drop = o => [$"DROP POLICY {o.Identity}"],
        Alter = new Dictionary<string, Alteration>
        {
            ["roles"] = Alteration.To(o => $"ALTER POLICY {o.Identity} TO {o["roles"]}"),
            // An expression can't be taken away in place.
            ["using"] = Alteration.To(o => o["using"].Length == 0 ? null : $"ALTER POLICY {o.Identity}{Parenthesised(" USING ", o["using"])}"),
            ["check"] = Alteration.To(o => o["check"].Length == 0 ? null : $"ALTER POLICY {o.Identity}{Parenthesised(" WITH CHECK ", o["check"])}"),
        },
    };

    private static string OfRelation(string oid) => $"join pg_class c on c.oid = {oid} join pg_namespace n on n.oid = c.relnamespace";

    private static string Parenthesised(string before, string expression) => expression.Length == 0 ? "" : $"{before}({expression})";

    private static IEnumerable<string> Enabled(SchemaObject o, string what) => o["enabled"].Length == 0 ? [] : [Enable(o, what)];

    private static string Enable(SchemaObject o, string what) =>
        $"ALTER TABLE {o.Fact("table")} {o["enabled"] switch { "D" => "DISABLE", "A" => "ENABLE ALWAYS", "R" => "ENABLE REPLICA", _ => "ENABLE" }} {what} {o.Fact("name")}";
}
