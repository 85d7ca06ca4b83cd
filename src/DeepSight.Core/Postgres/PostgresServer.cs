using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Postgres;

/// <summary>Connections to a server that we hold ourselves.</summary>
public static class PostgresServer
{
    /// <summary>Opens a connection of its own, in no pool.</summary>
    /// <param name="applicationName">As pg_stat_activity shows it.</param>
    /// <param name="forScripts">With the session that psql would give an operator's script, and not in UTC.</param>
    /// <exception cref="DeepSightException">It can't be opened; says on what, why, and what to do.</exception>
    public static async Task<NpgsqlConnection> ConnectAsync(
        DatabaseUrl database, string applicationName, CancellationToken cancellationToken, bool forScripts = false)
    {
        var connection = new NpgsqlConnection(database.ToNpgsql(applicationName, forScripts: forScripts).ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            if (e is not OperationCanceledException && ConnectionFailure.Explain(database, e) is { } explained) throw explained;
            throw;
        }
    }

    /// <summary>
    /// Refuses a connection through PgBouncer or its like. In such a connection settings and session locks belong to whoever comes
    /// next, and dumps see several servers' sessions. It shows in the process id that the handshake gave: a pooler makes it up.
    /// </summary>
    /// <exception cref="DeepSightException">A pooler is in between (<see cref="FailureKind.Refused"/>).</exception>
    public static async Task RefusePoolerAsync(NpgsqlConnection connection, DatabaseUrl database, CancellationToken cancellationToken)
    {
        if (await IsPooledAsync(connection, cancellationToken))
            throw new DeepSightException(FailureKind.Refused,
                $"Between us and '{database.Display}' is a connection pooler; dumps, locks and restores need the server itself.",
                "set DATABASE_DIRECT_URL to the server's own address; DATABASE_URL may stay.");
    }

    public static async Task<bool> IsPooledAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select pg_backend_pid()", connection);
        return (int)(await command.ExecuteScalarAsync(cancellationToken))! != connection.ProcessID;
    }

    /// <summary>What the role may do beyond making databases and roles: a superuser's attributes, and the roles whose rights it has.</summary>
    public static async Task<IReadOnlyList<string>> SpareRightsAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await connection.ListAsync(
            """
            select attribute.name from pg_roles us cross join lateral unnest(array[
                     case when rolsuper then 'SUPERUSER' end, case when rolreplication then 'REPLICATION' end, case when rolbypassrls then 'BYPASSRLS' end]) as attribute (name)
             where us.rolname = current_user and attribute.name is not null
            union all
            select r.rolname::text from pg_auth_members m join pg_roles r on r.oid = m.roleid join pg_roles us on us.oid = m.member
             where us.rolname = current_user
            """, cancellationToken);

    /// <summary>Works for any role that may connect.</summary>
    public static async Task<ServerInfo> DescribeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // pg_stat_database counts sessions that pg_stat_activity hides from ordinary roles.
        const string sql =
            $"""
            select version(), current_setting('server_version_num')::int, d.datname::text, pg_database_size(d.oid),
                   pg_encoding_to_char(d.encoding)::text, d.datcollate::text,
                   (select rolsuper from pg_roles where rolname = current_user),
                   pg_is_in_recovery(), current_setting('max_connections')::int,
                   (select sum(numbackends)::int from pg_stat_database),
                   coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false),
                   (select count(*)::int from pg_class c join pg_namespace n on n.oid = c.relnamespace
                     where c.relkind in ('r', 'p') and n.nspname not in ('information_schema', 'deepsight') and n.nspname !~ '^pg_'),
                   {OwnSchema.IsShared}, clock_timestamp()
              from pg_database d
             where d.datname = current_database()
            """;
        await using var command = new NpgsqlCommand(sql, connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return new ServerInfo
        {
            FullVersion = row.GetString(0),
            Version = PostgresVersion.FromNumber(row.GetInt32(1)),
            Database = row.GetString(2),
            DatabaseBytes = row.GetInt64(3),
            Encoding = row.GetString(4),
            Collation = row.GetString(5),
            IsSuperuser = row.GetBoolean(6),
            IsInRecovery = row.GetBoolean(7),
            MaxConnections = row.GetInt32(8),
            ActiveConnections = row.GetInt32(9),
            IsEncrypted = row.GetBoolean(10),
            TableCount = row.GetInt32(11),
            SharesOwnSchema = row.GetBoolean(12),
            Time = new DateTimeOffset(row.GetDateTime(13).ToUniversalTime(), TimeSpan.Zero),
        };
    }
}
