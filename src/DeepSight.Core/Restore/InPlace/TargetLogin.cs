using System.Security.Cryptography;
using System.Text;
using DeepSight.Core.Access;
using DeepSight.Core.Databases;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Sql;
using DeepSight.Core.Restore.Loading;
using Npgsql;

namespace DeepSight.Core.Restore.InPlace;

/// <summary>
/// A <see cref="LoadLogin"/> for a superuser's restore in place. It is a member of our own role until the dump's first statement: as that one its
/// transaction drops what is there, makes the function that gives owners and grants at the end, and ends the membership. That function takes a token
/// that is sent when code of the dump has no turn any more. Nothing of ours lies where code of the dump could take its place.
/// </summary>
internal sealed class TargetLogin : IAsyncDisposable
{
    /// <summary>Begins the line about tables whose statistics could not be gathered.</summary>
    public const string StatisticsPrefix = PsqlSession.AnswerPrefix + "statistics ";

    /// <summary>Of the tables as they were filled, by their owner: what is in an index's expression runs as that one.</summary>
    private const string Analyze =
        $"""
        DO $deepsight$
        DECLARE item regclass;
        BEGIN
          FOR item IN SELECT c.oid FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
                       WHERE r.rolname = current_user AND c.relkind IN ('r', 'm', 'p') AND c.relpersistence <> 't' AND NOT c.relispartition ORDER BY c.oid LOOP
            BEGIN
              EXECUTE 'ANALYZE ' || item;
            EXCEPTION WHEN OTHERS THEN
              PERFORM set_config('deepsight.failed', coalesce(nullif(current_setting('deepsight.failed', true), '') || ', ', '') || item || ' (' || SQLERRM || ')', true);
            END;
          END LOOP;
        END $deepsight$;
        SELECT '{StatisticsPrefix}could not be gathered of ' || replace(failed, E'\n', ' ') || ': run ANALYZE.'
          FROM (SELECT current_setting('deepsight.failed', true)) AS analyzed (failed) WHERE failed <> '';

        """;

    /// <summary>Extensions whose rows are orders that others carry out.</summary>
    private const string Schedulers = "'pg_cron', 'pgagent', 'timescaledb'";

    private readonly NpgsqlConnection connection;
    private readonly string name;
    private readonly string token = RandomNumberGenerator.GetHexString(32);
    private string admin = "";

    private TargetLogin(NpgsqlConnection connection, DatabaseUrl target)
    {
        this.connection = connection;
        name = LoadLogin.Prefix + DatabaseNames.NewId();
        Url = LoadLogin.Url(target, name);
    }

    /// <summary>The target, as this role.</summary>
    public DatabaseUrl Url { get; }

    /// <param name="prepare">What our own rights are needed for, before the dump's first statement.</param>
    /// <param name="access">Owners and grants, after its last.</param>
    /// <param name="schemas">Of those that stay, the ones in which the dump may make something.</param>
    /// <returns>SQL before the dump's, within the transaction.</returns>
    public string Prepare(string prepare, AccessPlan access, IEnumerable<string> schemas) =>
        $"""
        SET ROLE {admin};
        {prepare}
        {EventTriggers.Off}
        CREATE SCHEMA {name};
        CREATE FUNCTION {name}.finish(token text) RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER
            SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS {Sql.Text(FinishBody(access))};
        REVOKE ALL ON FUNCTION {name}.finish(text) FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION {name}.finish(text) TO {name};
        {Leave(schemas)}
        {EventTriggers.On}
        RESET ROLE;

        """;

    /// <param name="content">What belongs to what is restored.</param>
    /// <returns>SQL after the dump's, within the transaction. What was put off runs first, still without rights.</returns>
    public string Finish(string content) =>
        $"""
        SET LOCAL client_encoding = 'UTF8';
        SET LOCAL search_path = pg_catalog, pg_temp;
        {content}
        {Analyze}
        SET CONSTRAINTS ALL IMMEDIATE;
        SET LOCAL search_path = pg_catalog, pg_temp;
        SELECT {name}.finish('{token}');

        """;

    /// <returns>The role; or null, and why there is none: the server doesn't let it in.</returns>
    public static async Task<(TargetLogin? Login, string? WhyNot)> TryMakeAsync(DatabaseUrl target, CancellationToken cancellationToken)
    {
        var login = new TargetLogin(await RestoreConnection.OpenAsync(target, cancellationToken), target);
        try
        {
            await login.MakeAsync(cancellationToken);
            // Whether pg_hba.conf lets it in, only trying tells.
            await using var let = await RestoreConnection.OpenAsync(login.Url, cancellationToken);
            return (login, null);
        }
        catch (Exception e) when (LoadLogin.IsShutOut(e))
        {
            await login.DisposeAsync();
            return (null, LoadLogin.Reason(e));
        }
        catch
        {
            await login.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await LoadLogin.DropAsync(connection, name, CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            // Not hidden: what failed before tells more, and the next job's sweep finds what stays.
            System.Diagnostics.Trace.TraceWarning($"The role '{name}' could not be dropped: {e.Message}");
        }
        finally
        {
            await connection.DisposeAsync();
        }
    }

    /// <summary>For five minutes it may log in: a sweep drops the one that it finds without a session after that.</summary>
    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        admin = (await connection.ListAsync("select quote_ident(current_user)", cancellationToken))[0];
        var end = await connection.ListAsync("""select to_char(now() at time zone 'UTC' + interval '5 minutes', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')""", cancellationToken);
        await LoadLogin.CreateAsync(connection, Url, $"VALID UNTIL {Sql.Text(end[0])}", cancellationToken);
        await connection.ExecuteAsync($"GRANT {admin} TO {name}", cancellationToken);
        var shut = await connection.ListAsync("select 'CONNECT' where not has_database_privilege(@role, current_database(), 'CONNECT')", cancellationToken, ("role", name));
        foreach (var right in shut) await connection.ExecuteAsync($"GRANT {right} ON DATABASE {Sql.Name(Url.Database)} TO {name}", cancellationToken);
    }

    /// <summary>
    /// What it may do in the schemas that stay, with those rows of extensions that a dump has, and with our records (DROP OWNED takes it back); and nothing
    /// any more that we may.
    /// </summary>
    private string Leave(IEnumerable<string> schemas) =>
        $"""
        DO $deepsight$
        DECLARE
          item record;
          path text := pg_catalog.current_setting('search_path');
        BEGIN
          PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
          EXECUTE format('GRANT CREATE ON DATABASE %I TO {name}', current_database());
          FOR item IN SELECT n.nspname FROM pg_namespace n WHERE n.nspname = ANY (ARRAY[{string.Join(", ", schemas.Select(Sql.Text))}]::text[]) LOOP
            EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO {name}', item.nspname);
          END LOOP;
          FOR item IN SELECT c.oid::regclass AS config, CASE c.relkind WHEN 'S' THEN 'UPDATE ON SEQUENCE' ELSE 'SELECT, INSERT ON TABLE' END AS rights
                        FROM pg_extension e JOIN pg_class c ON c.oid = ANY (e.extconfig) WHERE e.extname NOT IN ({Schedulers}) LOOP
            EXECUTE format('GRANT %s %s TO {name}', item.rights, item.config);
          END LOOP;
          IF to_regclass('deepsight.restores') IS NOT NULL THEN GRANT SELECT, INSERT ON deepsight.restores TO {name}; END IF;
          IF to_regclass('deepsight.migration_hold') IS NOT NULL THEN GRANT SELECT, INSERT, UPDATE ON deepsight.migration_hold TO {name}; END IF;
          GRANT USAGE ON SCHEMA {name} TO {name};
          REVOKE {admin} FROM {name};
          IF EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = '{name}') THEN
            RAISE EXCEPTION 'the role of the load is a member of others';
          END IF;
          PERFORM set_config('search_path', path, true);
        END $deepsight$;
        """;

    /// <summary>
    /// What the dump has made becomes ours, and from then on nothing of it may run: functions that run with their owner's rights would run with ours. Cursors
    /// that outlive the transaction would be read at its end; triggers that are still to run keep ALTER TABLE from the table.
    /// </summary>
    private string FinishBody(AccessPlan access) =>
        $"""
        DECLARE hand_over text;
        BEGIN
          IF encode(sha256(convert_to(token, 'UTF8')), 'hex') <> '{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)))}' THEN
            RAISE EXCEPTION 'only the restore itself ends the load';
          END IF;
          EXECUTE 'CLOSE ALL';
          EXECUTE {Sql.Text(EventTriggers.Off)};
          FOR hand_over IN {LoadLogin.HandOver.Replace("@role", Sql.Text(name), StringComparison.Ordinal)} LOOP
            EXECUTE hand_over;
          END LOOP;
          REASSIGN OWNED BY {name} TO CURRENT_USER;
          DROP OWNED BY {name};
          EXECUTE {Sql.Text(access.ToSql(name))};
          RETURN QUERY {AccessReplay.AnswerRefused(name)}
          DROP SCHEMA {name} CASCADE;
        END
        """;
}
