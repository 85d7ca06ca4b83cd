using DeepSight.Core.Postgres;
using Npgsql;

namespace DeepSight.Core.Migrations.Journal;

/// <summary>
/// Keeps automatic migration off a database that someone moved on purpose: after a down or a restore, until an explicit up.
/// It lies in the schema <c>deepsight</c>, which dumps leave out: a hold says something about this database, not about its data.
/// </summary>
public static class MigrationHold
{
    internal const string Create =
        """
        create schema if not exists deepsight;
        create table if not exists deepsight.migration_hold (
            one boolean primary key default true check (one),
            reason text not null,
            since timestamptz not null default now(),
            set_by text not null default current_user
        );
        """;

    private static readonly string Exists = "select " + OwnSchema.IsPlain("migration_hold");

    /// <summary>Why it is held and since when: <c>a down to ab12 on 2026-02-12 03:00 UTC by app</c>; null when it isn't.</summary>
    public static async Task<string?> FindAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (!await AskAsync(connection, cancellationToken)) return null;

        await using var command = new NpgsqlCommand(
            """
            select format('%s on %s UTC by %s', reason, to_char(since at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), set_by)
              from deepsight.migration_hold
            """, connection);
        return (string?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>Within the caller's transaction, if there is one.</summary>
    /// <param name="reason">As in <c>a restore of deepsight_20260212_030000.sql.gz</c>.</param>
    /// <exception cref="DeepSightException">A table of that name is there that isn't ours (<see cref="FailureKind.Refused"/>).</exception>
    public static async Task SetAsync(NpgsqlConnection connection, string reason, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Create, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
        if (!await AskAsync(connection, cancellationToken))
            throw new DeepSightException(FailureKind.Refused, "deepsight.migration_hold is not the table that this tool makes: it runs code of others.", "look at it, then drop it.");

        await using var insert = new NpgsqlCommand(Insert("@reason"), connection);
        insert.Parameters.AddWithValue("reason", reason);
        await insert.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task ClearAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (!await AskAsync(connection, cancellationToken)) return;

        await using var command = new NpgsqlCommand("delete from deepsight.migration_hold", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <param name="reason">As SQL: a parameter or a quoted text.</param>
    /// <param name="by">Who is said to have set it, as SQL.</param>
    internal static string Insert(string reason, string by = "current_user") =>
        $"insert into deepsight.migration_hold (reason, set_by) values ({reason}, {by}) "
        + "on conflict (one) do update set reason = excluded.reason, since = now(), set_by = excluded.set_by";

    private static async Task<bool> AskAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Exists, connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
