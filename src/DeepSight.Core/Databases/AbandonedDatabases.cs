using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Locking;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Databases;

/// <summary>Databases that restores and drills left behind when their process or server died.</summary>
internal static class AbandonedDatabases
{
    /// <summary>
    /// Drops those of the server whose makers are gone. What the role may not see or drop is told, not thrown: the job at hand is
    /// another one.
    /// </summary>
    /// <param name="connection">To any database of the server; asked first, so that nothing more is done where there is nothing.</param>
    /// <returns>What was dropped and what could not be, for people.</returns>
    public static async Task<IReadOnlyList<string>> DropAsync(NpgsqlConnection connection, DatabaseUrl server, CancellationToken cancellationToken)
    {
        await DropRolesAsync(connection, cancellationToken);
        var found = await FindAsync(connection, cancellationToken);
        if (found.Count == 0) return [];

        var told = new List<string>();
        try
        {
            await using var maintenance = await RestoreConnection.OpenAsync(server.WithDatabase(JobLock.MaintenanceDatabase), cancellationToken);
            // Asked again: in a database of another encoding names that aren't ASCII read otherwise.
            foreach (var (name, isMarked) in await FindAsync(maintenance, cancellationToken))
                if (await ScratchLock.TryAsync(maintenance, name, cancellationToken)
                    && (isMarked || await IsEmptyAsync(server.WithDatabase(name), cancellationToken)))
                    told.Add(await TryDropAsync(maintenance, server.WithDatabase(name), cancellationToken));
        }
        catch (DeepSightException e)
        {
            told.Add($"Databases that a restore left behind were not dropped ({string.Join(", ", found.Select(database => database.Name))}): {e.Message}");
        }

        return told;
    }

    /// <summary>Of loads whose database is gone, since a role is made behind its database and dropped behind it; and of loads in place that have ended.</summary>
    private static async Task DropRolesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var roles = await connection.ListAsync(
            """
            select r.rolname::text from pg_roles r, pg_roles us
             where us.rolname = current_user and (us.rolsuper or us.rolcreaterole) and r.rolname ~ @pattern
               and coalesce(r.rolvaliduntil, 'infinity') not between now() and now() + interval '1 day' and not exists (select from pg_stat_activity a where a.usename = r.rolname)
               and not exists (select from pg_database d where d.datname ~ @database and right(d.datname, 8) = right(r.rolname, 8))
            """, cancellationToken, ("pattern", LoadLogin.Pattern), ("database", DatabaseNames.ScratchPattern));
        foreach (var role in roles)
        {
            try
            {
                await LoadLogin.DropAsync(connection, role, cancellationToken);
            }
            catch (PostgresException e)
            {
                // It owns something that we don't know of, or another job's sweep was first: it may do nothing and stays.
                System.Diagnostics.Trace.TraceInformation($"The role {role} could not be dropped: {e.MessageText}");
            }
        }
    }

    private static async Task<List<(string Name, bool IsMarked)>> FindAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select datname::text, shobj_description(oid, 'pg_database') from pg_database where datname ~ @pattern
            """, connection);
        command.Parameters.AddWithValue("pattern", DatabaseNames.ScratchPattern);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<(string, bool)>();
        while (await row.ReadAsync(cancellationToken))
        {
            // Without a comment: ended between CREATE and COMMENT, when nothing is loaded yet; or somebody else's.
            var isMarked = !row.IsDBNull(1);
            if (!isMarked || DatabaseMarker.Parse(row.GetString(1)) is { Deepsight: DatabaseMarker.Scratch }) found.Add((row.GetString(0), isMarked));
        }
        return found;
    }

    private static async Task<bool> IsEmptyAsync(DatabaseUrl database, CancellationToken cancellationToken)
    {
        await using var connection = await RestoreConnection.OpenAsync(database, cancellationToken);
        await using var command = new NpgsqlCommand(
            "select not exists (select from pg_class where oid >= 16384) and not exists (select from pg_largeobject_metadata)", connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<string> TryDropAsync(NpgsqlConnection maintenance, DatabaseUrl database, CancellationToken cancellationToken)
    {
        try
        {
            await ScratchDatabase.DropAsync(maintenance, database, cancellationToken);
            return $"'{database.Database}', left behind by a restore that was interrupted, was dropped.";
        }
        catch (Exception e) when (e is PostgresException or DeepSightException)
        {
            return $"'{database.Database}', left behind by a restore that was interrupted, could not be dropped: {(e as PostgresException)?.MessageText ?? e.Message}.";
        }
    }
}
