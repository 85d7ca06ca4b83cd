using DeepSight.Core.Databases;

namespace DeepSight.Core.Restore.InPlace;

/// <summary>
/// Default privileges of the target would be given to every object that is made again in it, also to those that were made before them. So
/// they are taken back for the time of the load; the statements about access, which are run last, bring them back.
/// </summary>
internal static class DefaultPrivileges
{
    /// <summary>PostgreSQL forgets an entry that says no more than its own defaults.</summary>
    public const string Suspend =
        EventTriggers.Off +
        """
        DO $deepsight_defaults$
        DECLARE statement text;
        BEGIN
          FOR statement IN
            WITH entry AS (
              SELECT d.oid, format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s ', pg_catalog.pg_get_userbyid(d.defaclrole), ' IN SCHEMA ' || quote_ident(n.nspname)) AS head,
                     d.defaclnamespace = 0 AS is_global, d.defaclobjtype AS kind, d.defaclrole AS owner, d.defaclacl AS acl,
                     CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END AS what
                FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace)
            SELECT coalesce(head, '') || format('REVOKE ALL ON %s FROM %s', what, CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_catalog.pg_get_userbyid(grantee)) END) AS line
              FROM entry CROSS JOIN LATERAL (SELECT DISTINCT a.grantee FROM pg_catalog.aclexplode(acl) a) AS held
            UNION ALL
            SELECT head || format('GRANT ALL ON %s TO %I', what, pg_catalog.pg_get_userbyid(owner)) FROM entry WHERE is_global
            UNION ALL
            SELECT head || format('GRANT %s ON %s TO PUBLIC', CASE kind WHEN 'f' THEN 'EXECUTE' ELSE 'USAGE' END, what) FROM entry WHERE is_global AND kind IN ('f', 'T')
          LOOP
            BEGIN
              EXECUTE statement;
            EXCEPTION WHEN insufficient_privilege THEN NULL;
            END;
          END LOOP;
        END
        $deepsight_defaults$;

        """ + EventTriggers.On;
}
