using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Locking;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Drills;

/// <summary>
/// Roles that a dump names (in policies, for instance) and the drill's server does not have: made without login for the time of
/// the drill. What may not be made or dropped is left to the load to say, or to stay.
/// </summary>
internal sealed class DrillRoles : IAsyncDisposable
{
    private readonly NpgsqlConnection connection;
    private readonly List<string> made = [];

    private DrillRoles(NpgsqlConnection connection) => this.connection = connection;

    public static async Task<DrillRoles> MakeAsync(DatabaseUrl server, IReadOnlyList<string> wanted, CancellationToken cancellationToken)
    {
        var roles = new DrillRoles(await PostgresServer.ConnectAsync(server.WithDatabase(JobLock.MaintenanceDatabase), "deepsight verify", cancellationToken));
        try
        {
            var there = await roles.connection.ListAsync("select rolname::text from pg_roles where rolname = any(@wanted)", cancellationToken, ("wanted", wanted.ToArray()));
            foreach (var role in wanted.Except(there))
                if (await roles.TryAsync($"CREATE ROLE {Sql.Name(role)} NOLOGIN", cancellationToken))
                    roles.made.Add(role);
            return roles;
        }
        catch
        {
            await roles.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var role in made) await TryAsync($"DROP ROLE {Sql.Name(role)}", CancellationToken.None);
        await connection.DisposeAsync();
    }

    private async Task<bool> TryAsync(string sql, CancellationToken cancellationToken)
    {
        try
        {
            await connection.ExecuteAsync(sql, cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            // A role without rights is no failed drill; whether one is missed, the load tells.
            return false;
        }
    }
}
