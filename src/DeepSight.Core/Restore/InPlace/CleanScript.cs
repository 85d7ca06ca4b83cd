using DeepSight.Core.Databases;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Restore.InPlace;

/// <summary>
/// SQL that empties a database within the transaction of its restore. What stays: system schemas, our own records, <c>public</c>,
/// extensions with their members and the schemas that hold them, and schemas of others (emptied).
/// </summary>
internal static class CleanScript
{
    /// <summary>Schemas to empty; <c>$scope$</c> is replaced by an array of names, or NULL for all.</summary>
    private const string Scope =
        """
        select n.oid, n.nspname from pg_catalog.pg_namespace n
         where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
           and ($scope$ is null or n.nspname = any ($scope$))
        """;

    /// <summary>Our records, as SQL on pg_class c: they are about the database, and an application may have a schema of that name too.</summary>
    private const string IsOurs = "c.relnamespace = to_regnamespace('deepsight') and c.relname in ('restores', 'migration_hold')";

    /// <summary>Their schemas that stay, since something of an extension is in them or they are not ours to drop.</summary>
    private const string KeptSchemasQuery =
        """
        select n.nspname::text from pg_catalog.pg_namespace n
         where n.nspname in ('public', 'deepsight')
            or exists (select from pg_catalog.pg_depend e where e.classid = 'pg_namespace'::regclass and e.objid = n.oid and e.deptype = 'e')
            or n.oid not in (select oid from scope)
            or not pg_catalog.pg_has_role(n.nspowner, 'USAGE')
            or exists (select from pg_catalog.pg_depend d join pg_catalog.pg_depend e
                         on (e.classid, e.objid) = (d.classid, d.objid) and e.deptype = 'e'
                        where d.refclassid = 'pg_namespace'::regclass and d.refobjid = n.oid)
        """;

    public static string KeptSchemas(IReadOnlyList<string> schemas) => $"with scope as ({InScope(schemas)}) {KeptSchemasQuery}";

    /// <summary>What the role doesn't own and so can't drop, of every kind that has an owner.</summary>
    public static string NotOwned(IReadOnlyList<string> schemas) =>
        $"""
        with scope as ({InScope(schemas)}),
             owned as (
               select format('%I.%I', s.nspname, c.relname) as name, c.relowner as owner, 'pg_class'::regclass::oid as classid, c.oid as objid
                 from pg_class c join scope s on s.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and not coalesce({IsOurs}, false)
               union all
               select p.oid::regprocedure::text, p.proowner, 'pg_proc'::regclass, p.oid from pg_proc p join scope s on s.oid = p.pronamespace
               union all
               select format('%I.%I', s.nspname, t.typname), t.typowner, 'pg_type'::regclass, t.oid
                 from pg_type t join scope s on s.oid = t.typnamespace where t.typrelid = 0 or (select relkind from pg_class where oid = t.typrelid) = 'c'
               union all
               select pg_describe_object(o.classid, o.oid, 0), o.owner, o.classid, o.oid
                 from (select 'pg_operator'::regclass, oid, oprowner, oprnamespace from pg_operator
                       union all select 'pg_opclass'::regclass, oid, opcowner, opcnamespace from pg_opclass
                       union all select 'pg_opfamily'::regclass, oid, opfowner, opfnamespace from pg_opfamily
                       union all select 'pg_collation'::regclass, oid, collowner, collnamespace from pg_collation
                       union all select 'pg_conversion'::regclass, oid, conowner, connamespace from pg_conversion
                       union all select 'pg_ts_dict'::regclass, oid, dictowner, dictnamespace from pg_ts_dict
                       union all select 'pg_ts_config'::regclass, oid, cfgowner, cfgnamespace from pg_ts_config
                       union all select 'pg_statistic_ext'::regclass, oid, stxowner, stxnamespace from pg_statistic_ext) as o (classid, oid, owner, namespace)
                 join scope s on s.oid = o.namespace
               union all
               select pg_describe_object(o.classid, o.oid, 0), o.owner, o.classid, o.oid
                 from (select 'pg_event_trigger'::regclass, oid, evtowner from pg_event_trigger
                       union all select 'pg_publication'::regclass, oid, pubowner from pg_publication
                       union all select 'pg_foreign_data_wrapper'::regclass, oid, fdwowner from pg_foreign_data_wrapper
                       union all select 'pg_foreign_server'::regclass, oid, srvowner from pg_foreign_server
                       union all select 'pg_language'::regclass, oid, lanowner from pg_language where oid >= 16384
                       union all select 'pg_largeobject'::regclass, oid, lomowner from pg_largeobject_metadata) as o (classid, oid, owner)
                where {(schemas.Count > 0 ? "false" : "true")})
        select name from owned
         where not pg_has_role(owner, 'USAGE')
           and not exists (select from pg_depend e where (e.classid, e.objid) = (owned.classid, owned.objid) and e.deptype in ('e', 'i'))
         order by name limit 20
        """;

    /// <summary>How many relations would be locked, and how many objects that are none: functions, types, large objects.</summary>
    public static string LockCounts(IReadOnlyList<string> schemas) =>
        $"""
        with scope as ({InScope(schemas)})
        select array[
          (select count(*) + count(nullif(reltoastrelid, 0)) from pg_class where relnamespace in (select oid from scope)),
          (select count(*) from pg_depend where refclassid = 'pg_namespace'::regclass and refobjid in (select oid from scope) and deptype = 'n' and classid <> 'pg_class'::regclass)
            + {(schemas.Count > 0 ? "0" : "(select count(*) from pg_largeobject_metadata)")}]
        """;

    /// <summary>
    /// Relations first, views among them by CASCADE, then what is left of each schema, then the schemas themselves. What is a part of
    /// another object (pg_depend says so: internal, or a partition's) goes with that one, as a range type's multirange does; an object that
    /// went with another has no identity any more and is passed over. Of an extension's configuration the rows go that a dump has.
    /// </summary>
    public static string Drop(IReadOnlyList<string> schemas) =>
        EventTriggers.Off +
        $"""
        DO $deepsight_clean$
        DECLARE
          item record;
          what text;
          name text;
          outside_before bigint;
          outside_after bigint;
          path text := pg_catalog.current_setting('search_path');
        BEGIN
          PERFORM pg_catalog.set_config('search_path', '', true);
          CREATE TEMP TABLE deepsight_scope ON COMMIT DROP AS {InScope(schemas)};
          CREATE TEMP TABLE deepsight_kept ON COMMIT DROP AS WITH scope AS (SELECT * FROM pg_temp.deepsight_scope) {KeptSchemasQuery};
          {(schemas.Count > 0 ? CountOutside("outside_before") : DropEventTriggers)}
          FOR item IN
            SELECT d.classid, d.objid
              FROM pg_catalog.pg_depend d
              LEFT JOIN pg_catalog.pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
             WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid IN (SELECT oid FROM pg_temp.deepsight_scope) AND d.deptype = 'n' AND d.classid <> 'pg_extension'::regclass
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE (e.classid, e.objid) = (d.classid, d.objid) AND e.objsubid = 0 AND e.deptype IN ('e', 'i', 'P', 'S'))
               AND NOT coalesce({IsOurs}, false)
             ORDER BY CASE c.relkind WHEN 'm' THEN 0 WHEN 'v' THEN 1 WHEN 'f' THEN 2 WHEN 'p' THEN 3 WHEN 'r' THEN 4 WHEN 'S' THEN 6 ELSE 5 END, d.objid
          LOOP
            SELECT o.type, o.identity INTO what, name FROM pg_catalog.pg_identify_object(item.classid, item.objid, 0) o;
            CONTINUE WHEN what IS NULL OR name IS NULL OR what IN ('default acl', 'composite type column', 'table column');
            what := CASE WHEN what IN ('function', 'procedure', 'aggregate') THEN 'routine'
                         WHEN what = 'composite type' THEN 'type'
                         WHEN what = 'statistics object' THEN 'statistics' ELSE what END;
            EXECUTE 'DROP ' || what || ' IF EXISTS ' || name || ' CASCADE';
          END LOOP;
          {(schemas.Count > 0 ? CountOutside("outside_after") + OutsideCheck : DatabaseWide)}
          FOR item IN SELECT nspname FROM pg_temp.deepsight_scope WHERE nspname NOT IN (SELECT * FROM pg_temp.deepsight_kept) LOOP
            EXECUTE 'DROP SCHEMA ' || quote_ident(item.nspname);
          END LOOP;
          FOR item IN
            SELECT c.oid::regclass AS config, x.filter
              FROM pg_catalog.pg_extension e CROSS JOIN LATERAL unnest(e.extconfig, e.extcondition) AS x (config, filter)
              JOIN pg_catalog.pg_class c ON c.oid = x.config AND c.relkind = 'r' JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE {Names(schemas)} IS NULL OR n.nspname = ANY ({Names(schemas)})
          LOOP
            EXECUTE format('DELETE FROM %s %s', item.config, item.filter);
          END LOOP;
          PERFORM pg_catalog.set_config('search_path', path, true);
        END
        $deepsight_clean$;

        """ + EventTriggers.On;

    private const string DropEventTriggers =
        """
        FOR item IN SELECT evtname FROM pg_catalog.pg_event_trigger t
             WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_event_trigger'::regclass AND e.objid = t.oid AND e.deptype = 'e') LOOP
            EXECUTE 'DROP EVENT TRIGGER ' || quote_ident(item.evtname);
          END LOOP;
        """;

    /// <summary>What lies in no schema. Transforms and casts may be between what is the system's own.</summary>
    private const string DatabaseWide =
        """
        FOR item IN SELECT pubname FROM pg_catalog.pg_publication LOOP
            EXECUTE 'DROP PUBLICATION ' || quote_ident(item.pubname);
          END LOOP;
          FOR item IN SELECT srvname FROM pg_catalog.pg_foreign_server s
             WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_foreign_server'::regclass AND e.objid = s.oid AND e.deptype = 'e') LOOP
            EXECUTE 'DROP SERVER ' || quote_ident(item.srvname) || ' CASCADE';
          END LOOP;
          FOR item IN SELECT fdwname FROM pg_catalog.pg_foreign_data_wrapper w
             WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_foreign_data_wrapper'::regclass AND e.objid = w.oid AND e.deptype = 'e') LOOP
            EXECUTE 'DROP FOREIGN DATA WRAPPER ' || quote_ident(item.fdwname) || ' CASCADE';
          END LOOP;
          FOR item IN SELECT t.trftype, l.lanname FROM pg_catalog.pg_transform t JOIN pg_catalog.pg_language l ON l.oid = t.trflang
             WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_transform'::regclass AND e.objid = t.oid AND e.deptype = 'e') LOOP
            EXECUTE format('DROP TRANSFORM FOR %s LANGUAGE %I CASCADE', item.trftype::regtype, item.lanname);
          END LOOP;
          FOR item IN SELECT lanname FROM pg_catalog.pg_language l
             WHERE l.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_language'::regclass AND e.objid = l.oid AND e.deptype = 'e') LOOP
            EXECUTE 'DROP LANGUAGE ' || quote_ident(item.lanname) || ' CASCADE';
          END LOOP;
          FOR item IN SELECT castsource, casttarget FROM pg_catalog.pg_cast t
             WHERE t.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_cast'::regclass AND e.objid = t.oid AND e.deptype = 'e') LOOP
            EXECUTE format('DROP CAST (%s AS %s) CASCADE', item.castsource::regtype, item.casttarget::regtype);
          END LOOP;
          FOR item IN SELECT amname FROM pg_catalog.pg_am a
             WHERE a.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_am'::regclass AND e.objid = a.oid AND e.deptype = 'e') LOOP
            EXECUTE 'DROP ACCESS METHOD ' || quote_ident(item.amname) || ' CASCADE';
          END LOOP;
          PERFORM pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata;
        """;

    /// <summary>
    /// What CASCADE would take along outside the schemas of RESTORE_SCHEMAS: followed through the catalogue's own dependencies, since a
    /// column, a default, a foreign key or a trigger of another schema's table may need a type or a function of these.
    /// </summary>
    public static string OutOfScope(IReadOnlyList<string> schemas) =>
        $"""
        with recursive scope as ({InScope(schemas)}),
             reached (classid, objid, objsubid) as (
               select d.classid, d.objid, 0 from pg_depend d
                where d.refclassid = 'pg_namespace'::regclass and d.refobjid in (select oid from scope) and d.deptype = 'n' and d.classid <> 'pg_extension'::regclass
                  and not exists (select from pg_depend e where (e.classid, e.objid) = (d.classid, d.objid) and e.deptype = 'e')
               union
               select n.classid, n.objid, n.objsubid
                 from reached r cross join lateral (
                      select d.classid, d.objid, d.objsubid from pg_depend d
                       where d.refclassid = r.classid and d.refobjid = r.objid and (r.objsubid = 0 or d.refobjsubid = r.objsubid) and d.deptype in ('n', 'a', 'i', 'P', 'S')
                      union all
                      select i.refclassid, i.refobjid, i.refobjsubid from pg_depend i
                       where i.classid = r.classid and i.objid = r.objid and r.objsubid = 0 and i.deptype = 'i' and i.refclassid <> 'pg_extension'::regclass) n),
             placed as (
               select r.*, coalesce(
                        (select c.relnamespace from pg_class c where c.oid = case r.classid
                           when 'pg_class'::regclass then r.objid
                           when 'pg_constraint'::regclass then (select nullif(conrelid, 0) from pg_constraint where oid = r.objid)
                           when 'pg_attrdef'::regclass then (select adrelid from pg_attrdef where oid = r.objid)
                           when 'pg_trigger'::regclass then (select tgrelid from pg_trigger where oid = r.objid)
                           when 'pg_policy'::regclass then (select polrelid from pg_policy where oid = r.objid)
                           when 'pg_rewrite'::regclass then (select ev_class from pg_rewrite where oid = r.objid) end),
                        (select n.oid from pg_namespace n where n.nspname = (pg_identify_object(r.classid, r.objid, r.objsubid)).schema)) as namespace
                 from reached r)
        select distinct pg_describe_object(classid, objid, objsubid) from placed p join pg_namespace n on n.oid = p.namespace
         where n.oid not in (select oid from scope) and n.nspname !~ '^pg_' and p.classid <> 'pg_rewrite'::regclass
           and not (p.classid = 'pg_class'::regclass and (select relkind from pg_class where oid = p.objid) in ('i', 'I', 't'))
         order by 1 limit 20
        """;

    /// <summary>System schemas don't count: what is too large for its row lies in one, and goes with its table.</summary>
    private static string CountOutside(string variable) =>
        $"""
        SELECT count(*) INTO {variable} FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname !~ '^pg_' AND n.oid NOT IN (SELECT oid FROM pg_temp.deepsight_scope);
        """;

    /// <summary>With a part of the schemas, CASCADE must not reach into the others.</summary>
    private const string OutsideCheck =
        """

          IF outside_after < outside_before THEN
            RAISE EXCEPTION 'dropping the objects of RESTORE_SCHEMAS would drop % objects of other schemas', outside_before - outside_after;
          END IF;
        """;

    private static string InScope(IReadOnlyList<string> schemas) => Scope.Replace("$scope$", Names(schemas), StringComparison.Ordinal);

    /// <summary>NULL for all.</summary>
    private static string Names(IReadOnlyList<string> schemas) =>
        schemas.Count == 0 ? "NULL::text[]" : $"ARRAY[{string.Join(", ", schemas.Select(Sql.Text))}]::text[]";
}
