using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Locking;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Databases;

/// <summary>
/// Renames databases in one transaction on the maintenance database. Connections are not refused beforehand, since a crash would
/// then be an outage: RENAME locks new ones out and waits, while a second session ends those that are there.
/// </summary>
internal sealed class DatabaseSwap
{
    /// <summary>PostgreSQL gives up a RENAME after five seconds with sessions in the database; we try again until then.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Class of the errors by which a server says that it ends the session: a shutdown, a crash, an administrator.</summary>
    private const string SessionEnded = "57P";

    private readonly List<(string From, string To)> renames = [];
    private readonly List<string> afterwards = [];

    public DatabaseSwap Rename(string from, string to)
    {
        renames.Add((from, to));
        return this;
    }

    /// <summary>Statements of the same transaction, after the renames.</summary>
    public DatabaseSwap Then(params IEnumerable<string> statements)
    {
        afterwards.AddRange(statements);
        return this;
    }

    public DatabaseSwap Comment(string database, string? comment) =>
        Then($"COMMENT ON DATABASE {Sql.Name(database)} IS {(comment is null ? "NULL" : Sql.Text(comment))}");

    /// <param name="beforeCommit">Its exception undoes everything: is the job's lock still held?</param>
    /// <returns>How long nobody could use the first database.</returns>
    /// <exception cref="DeepSightException">Nothing was changed.</exception>
    public async Task<TimeSpan> PublishAsync(DatabaseUrl server, Func<CancellationToken, Task> beforeCommit, TimeProvider clock, CancellationToken cancellationToken)
    {
        var maintenance = server.WithDatabase(JobLock.MaintenanceDatabase);
        await using var connection = await RestoreConnection.OpenPatientlyAsync(maintenance, clock, cancellationToken);
        await using var terminator = await RestoreConnection.OpenPatientlyAsync(maintenance, clock, cancellationToken);
        var session = connection.ProcessID;
        var incoming = await OidAsync(connection, renames[^1].From, cancellationToken);
        await connection.ExecuteAsync("SET synchronous_commit = on", cancellationToken);

        var began = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await TryAsync(connection, terminator, beforeCommit, cancellationToken);
                return clock.GetElapsedTime(began);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse && clock.GetElapsedTime(began) < Patience)
            {
                await connection.ExecuteAsync("ROLLBACK", cancellationToken);
            }
            catch (PostgresException e) when (!e.SqlState.StartsWith(SessionEnded, StringComparison.Ordinal))
            {
                throw new DeepSightException(FailureKind.Failed, $"The databases could not be renamed: {e.MessageText}.{(e.Detail is null ? "" : " " + e.Detail)}",
                    "nothing was changed: the target is as it was. --mode in-place needs no rename.", e);
            }
            catch (Exception e) when (e is NpgsqlException or IOException && !cancellationToken.IsCancellationRequested)
            {
                // The connection was lost, perhaps after COMMIT: the server knows.
                if (await WasPublishedAsync(maintenance, incoming, session, clock, cancellationToken)) return clock.GetElapsedTime(began);
                throw new DeepSightException(FailureKind.Failed, "The connection was lost while the databases were renamed; nothing was changed.",
                    "was the server restarted? The target is as it was.", e);
            }
        }
    }

    private async Task TryAsync(NpgsqlConnection connection, NpgsqlConnection terminator, Func<CancellationToken, Task> beforeCommit, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync("BEGIN; SET LOCAL lock_timeout = '10s'", cancellationToken);
        foreach (var (from, to) in renames)
        {
            var renaming = connection.ExecuteAsync($"ALTER DATABASE {Sql.Name(from)} RENAME TO {Sql.Name(to)}", cancellationToken);
            while (await Task.WhenAny(renaming, Task.Delay(10, cancellationToken)) != renaming)
                await EndSessionsAsync(terminator, from, cancellationToken);
            await renaming;
        }

        foreach (var statement in afterwards) await connection.ExecuteAsync(statement, cancellationToken);
        await beforeCommit(cancellationToken);
        // From here the outcome is the server's: a cancellation would only hide it.
        await connection.ExecuteAsync("COMMIT", CancellationToken.None);
    }

    /// <summary>Of those that we may end; who is left makes RENAME fail, with a count.</summary>
    private static async Task EndSessionsAsync(NpgsqlConnection terminator, string database, CancellationToken cancellationToken)
    {
        await terminator.ListAsync(
            """
            select pg_terminate_backend(a.pid)::text
              from pg_stat_activity a join pg_roles r on r.oid = a.usesysid
              join pg_roles us on us.rolname = current_user
             where a.datname = @database and a.pid <> pg_backend_pid()
               and (us.rolsuper or (not r.rolsuper and (pg_has_role(r.oid, 'USAGE') or pg_has_role('pg_signal_backend', 'USAGE'))))
            """, cancellationToken, ("database", database));
    }

    private async Task<NpgsqlConnection> ReconnectAsync(DatabaseUrl maintenance, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            return await RestoreConnection.OpenPatientlyAsync(maintenance, clock, cancellationToken);
        }
        catch (DeepSightException e)
        {
            throw new DeepSightException(FailureKind.Failed,
                $"The connection was lost while the databases were renamed, and the server does not answer: whether it was done is not known. {e.Message}",
                $"when it answers: if '{renames[0].To}' is there it was done, and `deepsight restore --undo` takes it back; if not, the target is as it was.", e);
        }
    }

    private static async Task<uint> OidAsync(NpgsqlConnection connection, string database, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select oid from pg_database where datname = @name", connection);
        command.Parameters.AddWithValue("name", database);
        return await command.ExecuteScalarAsync(cancellationToken) as uint?
            ?? throw new DeepSightException(FailureKind.Failed, $"The database '{database}' has gone.", "nothing was changed.");
    }

    /// <param name="session">Ours that was lost: its COMMIT may still be on its way until it has ended.</param>
    private async Task<bool> WasPublishedAsync(DatabaseUrl maintenance, uint incoming, int session, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var connection = await ReconnectAsync(maintenance, clock, cancellationToken);
        const string end = "select pg_terminate_backend(pid)::text from pg_stat_activity where pid = @pid and usename = current_user and application_name = 'deepsight restore'";
        for (var began = clock.GetTimestamp(); clock.GetElapsedTime(began) < Patience && (await connection.ListAsync(end, cancellationToken, ("pid", session))).Count > 0;)
            await Task.Delay(20, cancellationToken);
        await using var command = new NpgsqlCommand("select datname::text from pg_database where oid = @oid", connection);
        command.Parameters.AddWithValue("oid", NpgsqlTypes.NpgsqlDbType.Oid, incoming);
        return (string?)await command.ExecuteScalarAsync(cancellationToken) == renames[^1].To;
    }
}
