using DeepSight.Core.Postgres;
using Npgsql;

namespace DeepSight.Core.Restore.Preflight;

/// <summary>What decides which modes of restore a target allows.</summary>
internal sealed record TargetFacts
{
    public required ServerInfo Server { get; init; }

    public required string Role { get; init; }

    public required string Owner { get; init; }

    public required bool MayCreateDatabases { get; init; }

    public required bool IsOwner { get; init; }

    public required int Connections { get; init; }

    /// <summary>Roles with sessions in the target that ours may not end.</summary>
    public required IReadOnlyList<string> UntouchableSessions { get; init; }

    public required IReadOnlyList<string> Slots { get; init; }

    public required IReadOnlyList<string> Subscriptions { get; init; }

    public required int PreparedTransactions { get; init; }

    /// <summary>Extensions in the target of which a server has one only: pg_cron.</summary>
    public required IReadOnlyList<string> SingleDatabaseExtensions { get; init; }

    /// <summary>The run that restored what is there; null when none did.</summary>
    public required string? LastRestore { get; init; }

    /// <summary>Locks that one transaction may count on.</summary>
    public required long LockTable { get; init; }

    public static async Task<TargetFacts> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        const string sql =
            """
            with us as (select oid, rolname, rolsuper, rolcreatedb from pg_roles where rolname = current_user),
                 target as (select oid, datname, datdba from pg_database where datname = current_database())
            select us.rolname::text, pg_get_userbyid(target.datdba)::text, us.rolsuper or us.rolcreatedb,
                   us.rolsuper or pg_has_role(target.datdba, 'USAGE'),
                   (select count(*)::int from pg_stat_activity a where a.datid = target.oid and a.pid <> pg_backend_pid() and a.backend_type = 'client backend'),
                   array(select distinct pg_get_userbyid(a.usesysid)::text from pg_stat_activity a join pg_roles r on r.oid = a.usesysid
                          where a.datid = target.oid and not us.rolsuper
                            and (r.rolsuper or not (pg_has_role(r.oid, 'USAGE') or pg_has_role('pg_signal_backend', 'USAGE')))),
                   array(select slot_name::text from pg_replication_slots where database = target.datname),
                   array(select subname::text from pg_subscription where subdbid = target.oid),
                   (select count(*)::int from pg_prepared_xacts where database = target.datname),
                   array(select extname::text from pg_extension where extname in ('pg_cron')),
                   current_setting('max_locks_per_transaction')::bigint
                     * (current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint)
              from us, target
            """;
        var server = await PostgresServer.DescribeAsync(connection, cancellationToken);
        var latest = await RestoreMarker.LatestAsync(connection, cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return new TargetFacts
        {
            Server = server,
            Role = row.GetString(0),
            Owner = row.GetString(1),
            MayCreateDatabases = row.GetBoolean(2),
            IsOwner = row.GetBoolean(3),
            Connections = row.GetInt32(4),
            UntouchableSessions = row.GetFieldValue<string[]>(5),
            Slots = row.GetFieldValue<string[]>(6),
            Subscriptions = row.GetFieldValue<string[]>(7),
            PreparedTransactions = row.GetInt32(8),
            SingleDatabaseExtensions = row.GetFieldValue<string[]>(9),
            LastRestore = latest?.RequestId,
            LockTable = row.GetInt64(10),
        };
    }
}
