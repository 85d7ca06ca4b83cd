using DeepSight.Core.Postgres.Sql;
using static DeepSight.Core.Migrations.Autogenerate.CatalogueQuery;

namespace DeepSight.Core.Migrations.Autogenerate.Kinds;

/// <summary>Comments, and privileges other than those that a new object has: on whatever it may be, by PostgreSQL's own name for it.</summary>
internal static class Notes
{
    public static ObjectKind Comment { get; } = new("comment", Select(("pg_class", "0", "0"), "i.type || ' ' || i.identity",
        """
        from pg_description d, lateral pg_identify_object(d.classoid, d.objoid, d.objsubid) as i
        where d.objoid >= 16384 or d.classoid = 'pg_namespace'::regclass and d.objoid = to_regnamespace('public') and d.description <> 'standard public schema'
        """,
        properties: "'text', d.description", facts: $"'on', {Target("i.type", "i.identity")}", parent: ("d.classoid", "d.objoid", "d.objsubid")))
    {
        Create = (o, _) => [Say(o, Sql.Text(o["text"]))],
        // The schema public has a comment of its own, as initdb made it.
        Drop = o => [Say(o, o.Fact("on") == "SCHEMA public" ? "'standard public schema'" : "NULL")],
        Alter = new Dictionary<string, Alteration> { ["text"] = Alteration.To(o => Say(o, Sql.Text(o["text"]))) },
    };

    public static ObjectKind Grant { get; } = new("privileges", Select(("pg_class", "0", "0"), "format('%s %s to %s', i.type, i.identity, g.grantee)",
        $"""
        from (          select 'pg_class'::regclass::oid as class, oid, 0 as number, coalesce(relacl, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner)) as acl, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner) as usual from pg_class where relacl is not null
              union all select 'pg_class'::regclass, attrelid, attnum, attacl, acldefault('c', 10) from pg_attribute where attacl is not null
              union all select 'pg_proc'::regclass, oid, 0, proacl, acldefault('f', proowner) from pg_proc where proacl is not null
              union all select 'pg_language'::regclass, oid, 0, lanacl, acldefault('l', lanowner) from pg_language where lanacl is not null
              union all select 'pg_foreign_data_wrapper'::regclass, oid, 0, fdwacl, acldefault('F', fdwowner) from pg_foreign_data_wrapper where fdwacl is not null
              union all select 'pg_foreign_server'::regclass, oid, 0, srvacl, acldefault('S', srvowner) from pg_foreign_server where srvacl is not null
              union all select 'pg_type'::regclass, oid, 0, typacl, acldefault('T', typowner) from pg_type where typacl is not null
              union all select 'pg_namespace'::regclass, oid, 0, nspacl, coalesce((select initprivs from pg_init_privs p where p.classoid = 'pg_namespace'::regclass and p.objoid = s.oid), acldefault('n', nspowner)) from pg_namespace s where nspacl is not null) as o,
        lateral (select * from pg_identify_object(o.class, o.oid, o.number)) as i,
        {Difference}
        where coalesce(g.granted, g.passed, g.revoked) is not null
        """,
        properties: "'granted', g.granted, 'passed', g.passed, 'revoked', g.revoked",
        facts: $"'grantee', g.grantee, 'column', case when o.number > 0 then (select quote_ident(attname) from pg_attribute where attrelid = o.oid and attnum = o.number) end, 'on', case when o.class = 'pg_class'::regclass and o.number > 0 then 'TABLE ' || o.oid::regclass else {Target("case when o.class = 'pg_class'::regclass and i.type <> 'sequence' then 'table' when i.type in ('aggregate', 'procedure') then 'routine' when i.type = 'server' then 'foreign server' else i.type end", "i.identity")} end",
        parent: ("o.class", "o.oid", "o.number")))
    {
        Create = (o, _) => Give(o, "granted", "passed", "revoked"),
        Drop = Undo,
        Alter = ((string[])["granted", "passed", "revoked"]).ToDictionary(property => property, _ => new Alteration((old, now) => [.. Undo(old), .. Give(now, "granted", "passed", "revoked")])),
    };

    /// <summary>For all schemas they are what differs from PostgreSQL's own; for one, what is given there beside that.</summary>
    public static ObjectKind DefaultGrant { get; } = new("default privileges", Select(("pg_class", "0", "0"),
        "format('%s%s on %s to %s', pg_get_userbyid(o.defaclrole), ' in ' || n.nspname, o.defaclobjtype, g.grantee)",
        $"""
        from (select d.*, defaclacl as acl, case when defaclnamespace = 0 then acldefault(case defaclobjtype when 'S' then 's' else defaclobjtype end, defaclrole) else acldefault('c', 10) end as usual
                from pg_default_acl d) as o left join pg_namespace n on n.oid = o.defaclnamespace,
        {Difference}
        where coalesce(g.granted, g.passed, g.revoked) is not null
        """,
        properties: "'granted', g.granted, 'passed', g.passed, 'revoked', g.revoked",
        facts: """
            'grantee', g.grantee, 'on', case o.defaclobjtype when 'r' then 'TABLES' when 'S' then 'SEQUENCES' when 'f' then 'FUNCTIONS' when 'T' then 'TYPES' when 'n' then 'SCHEMAS' else 'LARGE OBJECTS' end,
            'before', format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s ', pg_get_userbyid(o.defaclrole), ' IN SCHEMA ' || quote_ident(n.nspname))
            """,
        parent: ("pg_namespace", "coalesce(n.oid, 0)", "0")))
    {
        Create = Grant.Create,
        Drop = Undo,
        Alter = Grant.Alter,
    };

    /// <summary>By grantee, what <c>o.acl</c> has that <c>o.usual</c> hasn't, and the other way round.</summary>
    private const string Difference =
        """
        lateral (select case when grantee = 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(grantee)) end as grantee,
                        string_agg(privilege_type, ', ' order by privilege_type) filter (where has and not had and not grantable) as granted,
                        string_agg(privilege_type, ', ' order by privilege_type) filter (where has and grantable and not had_grantable) as passed,
                        string_agg(privilege_type, ', ' order by privilege_type) filter (where had and not has) as revoked
                   from (select grantee, privilege_type, bool_or(of_acl) as has, bool_or(not of_acl) as had, bool_or(of_acl and is_grantable) as grantable, bool_or(not of_acl and is_grantable) as had_grantable
                           from (select true as of_acl, * from aclexplode(o.acl) union all select false, * from aclexplode(o.usual)) as a group by grantee, privilege_type) as p
                  group by p.grantee) as g
        """;

    /// <summary>As COMMENT, GRANT and REVOKE name it.</summary>
    private static string Target(string type, string identity) =>
        $"case {type} when 'statistics object' then 'STATISTICS' when 'foreign-data wrapper' then 'FOREIGN DATA WRAPPER' when 'table constraint' then 'CONSTRAINT' when 'domain constraint' then 'CONSTRAINT' " +
        $"else case when {type} like '% column' then 'COLUMN' else upper({type}) end end || ' ' || case {type} when 'domain constraint' then replace({identity}, ' on ', ' on domain ') else {identity} end";

    private static string Say(SchemaObject o, string text) => $"COMMENT ON {o.Fact("on")} IS {text}";

    private static IEnumerable<string> Give(SchemaObject o, string granted, string passed, string revoked)
    {
        if (o[revoked].Length > 0) yield return $"{o.Fact("before")}REVOKE {Privileges(o, revoked)} ON {o.Fact("on")} FROM {o.Fact("grantee")}";
        if (o[granted].Length > 0) yield return $"{o.Fact("before")}GRANT {Privileges(o, granted)} ON {o.Fact("on")} TO {o.Fact("grantee")}";
        if (passed.Length > 0 && o[passed].Length > 0) yield return $"{o.Fact("before")}GRANT {Privileges(o, passed)} ON {o.Fact("on")} TO {o.Fact("grantee")} WITH GRANT OPTION";
    }

    private static IEnumerable<string> Undo(SchemaObject o)
    {
        foreach (var statement in Give(o, "revoked", "", "granted")) yield return statement;
        if (o["passed"].Length > 0) yield return $"{o.Fact("before")}REVOKE {Privileges(o, "passed")} ON {o.Fact("on")} FROM {o.Fact("grantee")}";
    }

    private static string Privileges(SchemaObject o, string property) =>
        o.Fact("column") is { Length: > 0 } column ? string.Join(", ", o[property].Split(", ").Select(privilege => $"{privilege} ({column})")) : o[property];
}
