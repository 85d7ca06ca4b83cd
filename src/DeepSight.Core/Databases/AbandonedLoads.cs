using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Databases;

/// <summary>
/// Sessions that load for restores that were killed. Their psql notices that nobody writes to it any more when its statement ends: while
/// it builds an index it holds locks on all that it dropped, and the next restore and its backup would wait for them.
/// </summary>
internal static class AbandonedLoads
{
    /// <summary>Of this database, whose job lock we hold: no restore that is alive loads into it. A lock held here is that lock. Waits some seconds for their end.</summary>
    public static async Task EndAsync(NpgsqlConnection target, CancellationToken cancellationToken)
    {
        for (var asked = 0; asked < MostAsked && (await target.ListAsync(End, cancellationToken, ("name", new PsqlOptions().ApplicationName), ("role", LoadLogin.Pattern))).Count > 0; asked++) await Task.Delay(20, cancellationToken);
    }

    private const int MostAsked = 500;

    private const string End =
        """
        select pg_terminate_backend(pid)::text from pg_stat_activity a
         where datname = current_database() and (usename = current_user or usename ~ @role) and application_name = @name and pid <> pg_backend_pid()
           and not exists (select from pg_locks l where l.pid = a.pid and l.locktype = 'advisory')
        """;
}
