using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Databases;

/// <summary>The subscriptions of a database, which can't be dropped while it has any.</summary>
internal static class Subscriptions
{
    /// <summary>Those of the database that is connected to.</summary>
    public const string Names = "select subname::text from pg_subscription where subdbid = (select oid from pg_database where datname = current_database())";

    /// <summary>Drops them without asking their publishers, which may be away; a slot that is there stays there.</summary>
    /// <returns>Their names.</returns>
    public static async Task<IReadOnlyList<string>> DropAsync(DatabaseUrl database, CancellationToken cancellationToken)
    {
        await using var connection = await RestoreConnection.OpenAsync(database, cancellationToken);
        var names = await connection.ListAsync(Names, cancellationToken);
        foreach (var name in names)
        {
            await connection.ExecuteAsync($"ALTER SUBSCRIPTION {Sql.Name(name)} DISABLE", cancellationToken);
            await connection.ExecuteAsync($"ALTER SUBSCRIPTION {Sql.Name(name)} SET (slot_name = NONE)", cancellationToken);
            await connection.ExecuteAsync($"DROP SUBSCRIPTION {Sql.Name(name)}", cancellationToken);
        }

        return names;
    }
}
