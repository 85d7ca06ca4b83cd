using DeepSight.Core.Migrations.Journal;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Restore;

/// <summary>
/// What a restored database says of its restore, in the schema <c>deepsight</c>: committed or renamed into place with the content
/// itself, so that a request that comes again knows it was done. With it comes the hold on automatic migration.
/// </summary>
internal static class RestoreMarker
{
    private static readonly string IsTable = OwnSchema.IsPlain("restores");

    /// <summary>SQL for the transaction that publishes.</summary>
    /// <param name="by">Who restores, as SQL: the session may be a role made for the load.</param>
    public static string Script(string requestId, string backup, RestoreMode mode, string by = "current_user") =>
        $"""
        {MigrationHold.Create}
        {MigrationHold.Insert(Sql.Text($"a restore of {backup}"), by)};
        create table if not exists deepsight.restores (
            request_id text primary key,
            backup text not null,
            mode text not null,
            restored_at timestamptz not null default now(),
            restored_by text not null default current_user
        );
        insert into deepsight.restores (request_id, backup, mode, restored_by) values ({Sql.Text(requestId)}, {Sql.Text(backup)}, {Sql.Text(mode.ToString())}, {by});

        """;

    /// <summary>The latest restore that gave this database its content; null when there was none, or the role may not know.</summary>
    public static async Task<(string RequestId, string Backup)?> LatestAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var readable = new NpgsqlCommand($"select coalesce({IsTable} and has_table_privilege(to_regclass('deepsight.restores'), 'select') and has_schema_privilege(to_regnamespace('deepsight'), 'usage'), false)", connection);
        if (!(bool)(await readable.ExecuteScalarAsync(cancellationToken))!) return null;

        await using var command = new NpgsqlCommand("select request_id, backup from deepsight.restores order by restored_at desc limit 1", connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? (row.GetString(0), row.GetString(1)) : null;
    }

    /// <summary>Whether this database holds what the request restored.</summary>
    public static async Task<bool> ExistsAsync(NpgsqlConnection connection, string requestId, CancellationToken cancellationToken)
    {
        await using var known = new NpgsqlCommand($"select {IsTable}", connection);
        if (!(bool)(await known.ExecuteScalarAsync(cancellationToken))!) return false;

        await using var command = new NpgsqlCommand("select exists (select from deepsight.restores where request_id = @id)", connection);
        command.Parameters.AddWithValue("id", requestId);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
