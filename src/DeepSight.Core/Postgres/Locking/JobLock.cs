using Npgsql;

namespace DeepSight.Core.Postgres.Locking;

/// <summary>
/// One job a database at a time, over all hosts and kinds of jobs. Held as an advisory lock of an open transaction, which even a
/// transaction-pooled PgBouncer keeps on one server session, in the database <c>postgres</c>: locks belong to a database, and a
/// restore swaps the target for another. The lock ends with the connection, whatever becomes of us.
/// </summary>
/// <remarks>
/// Where <c>postgres</c> doesn't exist or may not be connected to, the lock is taken in the target itself
/// (<see cref="SurvivesSwap"/> is false). Jobs with roles that see this differently then don't exclude one another: run them all
/// with the same role.
/// </remarks>
public sealed class JobLock : IAsyncDisposable
{
    /// <summary>The database whose locks everyone shares.</summary>
    public const string MaintenanceDatabase = "postgres";

    private const string SnapshotRelease = "set local lock_timeout = 0";

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    private readonly NpgsqlConnection connection;
    private readonly DatabaseUrl database;
    private readonly JobLockKey key;

    private JobLock(NpgsqlConnection connection, DatabaseUrl database, JobLockKey key, bool survivesSwap)
    {
        this.connection = connection;
        this.database = database;
        this.key = key;
        SurvivesSwap = survivesSwap;
    }

    /// <summary>False when it is held in the target itself and would exclude nobody after the target was swapped.</summary>
    public bool SurvivesSwap { get; }

    /// <summary>Polls for the lock: who waits inside PostgreSQL for one deadlocks with CREATE INDEX CONCURRENTLY.</summary>
    /// <param name="job">What others are told who holds it: <c>backup</c>, <c>restore</c>, <c>migrate</c>.</param>
    /// <param name="wait">How long to wait for another job; zero tries once.</param>
    /// <param name="waiting">Told at once who holds the lock, and again when that changes.</param>
    /// <exception cref="DeepSightException">
    /// Another job holds it (<see cref="FailureKind.Busy"/>: says which, since when, from where), or the server can't be reached.
    /// </exception>
    public static async Task<JobLock> AcquireAsync(
        DatabaseUrl database, string job, TimeSpan wait, TimeProvider clock, CancellationToken cancellationToken,
        Action<string>? waiting = null)
    {
        var (connection, survivesSwap) = await ConnectAsync(database, job, cancellationToken);
        try
        {
            var key = JobLockKey.For(database.Database);
            var began = clock.GetTimestamp();
            var told = "";
            while (!await TryAsync(connection, key, cancellationToken))
            {
                var left = wait - clock.GetElapsedTime(began);
                if (left <= TimeSpan.Zero)
                    throw new DeepSightException(FailureKind.Busy,
                        $"Another job is working on '{database.Display}': {await JobLockHolder.DescribeAsync(connection, key, cancellationToken)}.",
                        "one job a database runs at a time; try again when it is done.");
                if (waiting is not null
                    && await JobLockHolder.DescribeAsync(connection, key, cancellationToken) is var holder && holder != told)
                    waiting(told = holder);
                await Task.Delay(left < PollInterval ? left : PollInterval, clock, cancellationToken);
            }

            return new JobLock(connection, database, key, survivesSwap);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>For a job that runs within another, under its parent's lock.</summary>
    /// <exception cref="DeepSightException">The lock is for another database.</exception>
    public void RequireCovers(DatabaseUrl other)
    {
        if (other.Server != database.Server || other.Database != database.Database)
            throw new DeepSightException(FailureKind.Failed, $"The lock on '{database.Display}' does not cover '{other.Display}'.");
    }

    /// <summary>To be called right before anything is published: asks the server whether the lock is still there.</summary>
    /// <exception cref="DeepSightException">It was lost: another job may be at work by now.</exception>
    public async Task EnsureStillHeldAsync(CancellationToken cancellationToken)
    {
        Exception? cause = null;
        try
        {
            var question = new NpgsqlBatchCommand(
                """
                select exists (select from pg_locks
                                where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
                                  and classid = @high and objid = @low and objsubid = 1 and pid = pg_backend_pid() and granted)
                """);
            key.AddTo(question.Parameters);
            // A migration asks before each script: one round trip.
            await using var batch = new NpgsqlBatch(connection) { BatchCommands = { question, new NpgsqlBatchCommand(SnapshotRelease) } };
            var held = (bool)(await batch.ExecuteScalarAsync(cancellationToken))!;
            if (held) return;
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            // Not swallowed: the connection is gone, and the lock with it.
            cause = e;
        }

        throw new DeepSightException(FailureKind.Failed,
            $"The lock on '{database.Display}' was lost{(cause is null ? "" : $": {cause.Message.Split('\n')[0].TrimEnd('.')}")}. Another job may have started since.",
            "was the server restarted, or the session terminated? Nothing was published; run the job again.", cause);
    }

    /// <summary>Gives the lock back by ending its connection.</summary>
    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private static async Task<(NpgsqlConnection Connection, bool SurvivesSwap)> ConnectAsync(
        DatabaseUrl database, string job, CancellationToken cancellationToken)
    {
        var name = JobLockHolder.NameFor(job);
        NpgsqlConnection connection;
        var survivesSwap = true;
        try
        {
            connection = await PostgresServer.ConnectAsync(database.WithDatabase(MaintenanceDatabase), name, cancellationToken);
        }
        catch (DeepSightException e) when (e.InnerException is PostgresException { SqlState: var state } && MeansNoMaintenanceDatabase(state))
        {
            connection = await PostgresServer.ConnectAsync(database, name, cancellationToken);
            survivesSwap = database.Database == MaintenanceDatabase;
        }

        return (connection, survivesSwap);
    }

    /// <summary>It isn't there, or pg_hba.conf, CONNECT or datallowconn keep us out of it.</summary>
    private static bool MeansNoMaintenanceDatabase(string state) => state is PostgresErrorCodes.InvalidCatalogName
        or PostgresErrorCodes.InsufficientPrivilege
        or PostgresErrorCodes.InvalidAuthorizationSpecification
        or PostgresErrorCodes.ObjectNotInPrerequisiteState;

    /// <summary>
    /// The transaction stays open and idle for hours, on purpose. For it alone: through a pooler the session is somebody else's afterwards.
    /// transaction_timeout exists from 17.
    /// </summary>
    private static async Task NeverTimeOutAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select set_config(name, '0', true) from pg_settings
             where name in ('idle_in_transaction_session_timeout', 'idle_session_timeout', 'statement_timeout', 'lock_timeout', 'transaction_timeout')
            """, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>A transaction for each try: its start then tells since when the lock is held.</summary>
    private static async Task<bool> TryAsync(NpgsqlConnection connection, JobLockKey key, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, "begin isolation level read committed read only", cancellationToken);
        await NeverTimeOutAsync(connection, cancellationToken);
        await using var command = new NpgsqlCommand("select pg_try_advisory_xact_lock(@key)", connection);
        command.Parameters.AddWithValue("key", key.Value);
        if ((bool)(await command.ExecuteScalarAsync(cancellationToken))!)
        {
            await ReleaseSnapshotAsync(connection, cancellationToken);
            return true;
        }

        await ExecuteAsync(connection, "rollback", cancellationToken);
        return false;
    }

    /// <summary>
    /// READ COMMITTED keeps no snapshot between statements, but in the extended protocol a SELECT's portal keeps its own until the
    /// next statement takes its place: for hours, and vacuum could remove nothing meanwhile. SET needs no snapshot.
    /// </summary>
    private static Task ReleaseSnapshotAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, SnapshotRelease, cancellationToken);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var statement = new NpgsqlCommand(sql, connection);
        await statement.ExecuteNonQueryAsync(cancellationToken);
    }
}
