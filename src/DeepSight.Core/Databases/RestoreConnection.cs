using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Databases;

/// <summary>Our own sessions on the server. What ALTER ROLE or ALTER DATABASE set for applications neither ends nor misleads them.</summary>
internal static class RestoreConnection
{
    private const string Name = "deepsight restore";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>They may be idle for as long as a load takes, and what they call is the system's own. transaction_timeout exists from 17.</summary>
    private const string Settings =
        """
        SET search_path = '';
        SET default_transaction_read_only = off;
        SET default_transaction_isolation = 'read committed';
        SELECT set_config(name, '0', false) FROM pg_settings
         WHERE name IN ('statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_session_timeout', 'idle_in_transaction_session_timeout')
        """;

    /// <exception cref="DeepSightException">It can't be opened, or a pooler is in between.</exception>
    public static Task<NpgsqlConnection> OpenAsync(DatabaseUrl database, CancellationToken cancellationToken) => OpenAsync(database, Name, cancellationToken);

    /// <summary>For when much is done already: a server that is full or restarts is waited for, a minute long.</summary>
    public static Task<NpgsqlConnection> OpenPatientlyAsync(DatabaseUrl database, TimeProvider clock, CancellationToken cancellationToken) =>
        OpenPatientlyAsync(database, Name, clock, cancellationToken);

    /// <inheritdoc cref="OpenAsync(DatabaseUrl, CancellationToken)"/>
    /// <param name="applicationName">A restore ends sessions that killed restores left; those of other jobs have other names.</param>
    public static async Task<NpgsqlConnection> OpenAsync(DatabaseUrl database, string applicationName, CancellationToken cancellationToken)
    {
        var connection = await PostgresServer.ConnectAsync(database, applicationName, cancellationToken);
        try
        {
            // Before anything is set: through a pooler it would be set for whoever comes next.
            await PostgresServer.RefusePoolerAsync(connection, database, cancellationToken);
            await connection.ExecuteAsync(Settings, cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc cref="OpenPatientlyAsync(DatabaseUrl, TimeProvider, CancellationToken)"/>
    public static async Task<NpgsqlConnection> OpenPatientlyAsync(DatabaseUrl database, string applicationName, TimeProvider clock, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return await OpenAsync(database, applicationName, cancellationToken);
            }
            catch (DeepSightException e) when (IsPassing(e.InnerException) && clock.GetElapsedTime(began) < Patience)
            {
                await Task.Delay(PollInterval, clock, cancellationToken);
            }
        }
    }

    private static bool IsPassing(Exception? failure) => failure is PostgresException refusal
        ? refusal.SqlState is PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.CannotConnectNow
        : failure is NpgsqlException;
}
