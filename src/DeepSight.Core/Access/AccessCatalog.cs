using Npgsql;

namespace DeepSight.Core.Access;

/// <summary>What of roles and large objects a schema dump leaves out, as statements read from the catalogue.</summary>
internal static class AccessCatalog
{
    /// <summary>
    /// The roles that anything in this database depends on (pg_shdepend), and those that they are members of. Predefined
    /// roles exist everywhere. No passwords: pg_roles does not show them.
    /// </summary>
    private const string NeededRoles = """
        WITH RECURSIVE needed(oid) AS (
            SELECT refobjid FROM pg_shdepend
             WHERE refclassid = 'pg_authid'::regclass AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
            UNION SELECT datdba FROM pg_database WHERE datname = current_database()
            UNION SELECT member.roleid FROM pg_auth_members member JOIN needed ON needed.oid = member.member
        )
        """;

    public const string Roles = NeededRoles + """

        SELECT rolname FROM pg_roles JOIN needed USING (oid) WHERE rolname !~ '^pg_' ORDER BY rolname
        """;

    public const string CreateRoles = NeededRoles + """

        SELECT format('CREATE ROLE %I%s%s%s%s%s%s%s%s;', rolname,
                   CASE WHEN rolsuper THEN ' SUPERUSER' ELSE ' NOSUPERUSER' END,
                   CASE WHEN rolinherit THEN ' INHERIT' ELSE ' NOINHERIT' END,
                   CASE WHEN rolcreaterole THEN ' CREATEROLE' ELSE ' NOCREATEROLE' END,
                   CASE WHEN rolcreatedb THEN ' CREATEDB' ELSE ' NOCREATEDB' END,
                   CASE WHEN rolcanlogin THEN ' LOGIN' ELSE ' NOLOGIN' END,
                   CASE WHEN rolreplication THEN ' REPLICATION' ELSE ' NOREPLICATION' END,
                   CASE WHEN rolbypassrls THEN ' BYPASSRLS' ELSE ' NOBYPASSRLS' END,
                   CASE WHEN rolconnlimit >= 0 THEN ' CONNECTION LIMIT ' || rolconnlimit ELSE '' END)
          FROM pg_roles JOIN needed USING (oid) WHERE rolname !~ '^pg_' ORDER BY rolname
        """;

    /// <summary>Options are written where they differ from what the server would take: INHERIT from the member's own, SET TRUE. Both exist from 16.</summary>
    public const string Memberships = NeededRoles + """

        SELECT format('GRANT %I TO %I%s;', granted.rolname, member.rolname, ' WITH ' || nullif(concat_ws(', ',
                   CASE WHEN bool_or(membership.admin_option) THEN 'ADMIN OPTION' END,
                   CASE bool_or((columns.j ->> 'inherit_option')::boolean) WHEN member.rolinherit THEN NULL WHEN true THEN 'INHERIT TRUE' WHEN false THEN 'INHERIT FALSE' END,
                   CASE WHEN NOT bool_or((columns.j ->> 'set_option')::boolean) THEN 'SET FALSE' END), ''))
          FROM pg_auth_members membership
         CROSS JOIN LATERAL (SELECT to_jsonb(membership) AS j) columns
          JOIN needed ON needed.oid = membership.member
          JOIN pg_roles granted ON granted.oid = membership.roleid
          JOIN pg_roles member ON member.oid = membership.member
         GROUP BY granted.rolname, member.rolname, member.rolinherit
         ORDER BY granted.rolname, member.rolname
        """;

    /// <summary>What <c>ALTER ROLE … SET</c> has set for every database: the role, quoted where it must be, and <c>name=value</c>.</summary>
    public const string RoleSettings = NeededRoles + """
        SELECT quote_ident(rolname), unnest(setconfig)
          FROM pg_db_role_setting JOIN pg_roles ON pg_roles.oid = setrole JOIN needed ON needed.oid = setrole
         WHERE setdatabase = 0 ORDER BY 1, 2
        """;

    public const string LargeObjects = """
        SELECT statement FROM (
            SELECT oid, 0 AS step, format('ALTER LARGE OBJECT %s OWNER TO %I;', oid, pg_get_userbyid(lomowner)) AS statement
              FROM pg_largeobject_metadata
            UNION ALL
            SELECT oid, 1, format('REVOKE ALL ON LARGE OBJECT %s FROM %I;', oid, pg_get_userbyid(lomowner)) FROM pg_largeobject_metadata WHERE lomacl IS NOT NULL
            UNION ALL
            SELECT object.oid, 2, CASE WHEN entry.grantor = object.lomowner THEN '' ELSE format('SET SESSION AUTHORIZATION %I; ', pg_get_userbyid(entry.grantor)) END || format('GRANT %s ON LARGE OBJECT %s TO %s%s;', entry.privilege_type, object.oid,
                       CASE WHEN entry.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(entry.grantee)) END,
                       CASE WHEN entry.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
                       || CASE WHEN entry.grantor = object.lomowner THEN '' ELSE ' RESET SESSION AUTHORIZATION;' END
              FROM pg_largeobject_metadata object, aclexplode(object.lomacl) entry
        ) statements ORDER BY oid, step, statement !~ '^GRANT', statement
        """;

    public static async Task<List<(string Name, string Value)>> ReadPairsAsync(NpgsqlConnection connection, string query, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(query, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var pairs = new List<(string, string)>();
        while (await reader.ReadAsync(cancellationToken)) pairs.Add((reader.GetString(0), reader.GetString(1)));
        return pairs;
    }

    public static async Task<List<string>> ReadAsync(NpgsqlConnection connection, string query, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(query, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var lines = new List<string>();
        while (await reader.ReadAsync(cancellationToken)) lines.Add(reader.GetString(0));
        return lines;
    }
}
