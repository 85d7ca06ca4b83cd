using DeepSight.Core.Postgres;
using Npgsql;

namespace DeepSight.Core.Migrations.Running;

/// <summary>Looks over a running statement's shoulder: when it waits for a lock, says for whom, instead of waiting in silence.</summary>
internal sealed class LockWaits(
    DatabaseUrl database, MigrationSettings settings, IProgress<MigrationStep>? progress, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>Shorter than the shortest lock timeout: who holds the lock must be seen before the statement gives up.</summary>
    private readonly TimeSpan patience = TimeSpan.FromSeconds(settings.LockTimeoutSeconds < 2 ? 0.4 : 1);

    private NpgsqlConnection? second;

    /// <summary>Who held the lock when last seen; null when nobody did.</summary>
    public string? LastSeen { get; private set; }

    /// <summary>Waits for <paramref name="work"/>, which a session of this process id does.</summary>
    public async Task<T> OverAsync<T>(Task<T> work, int backendPid, string script, CancellationToken cancellationToken)
    {
        LastSeen = null;
        while (await Task.WhenAny(work, Task.Delay(patience, clock, cancellationToken)) != work
               && !cancellationToken.IsCancellationRequested)
        {
            var holders = await HoldersAsync(backendPid, cancellationToken);
            if (holders is not null && holders != LastSeen)
                progress?.Report(new MigrationStep(StepKind.Waiting, script, holders));
            LastSeen = holders ?? LastSeen;
        }

        return await work;
    }

    public ValueTask DisposeAsync() => second?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary><c>pg_dump (pid 4242, since 03:00:12 UTC, as backup)</c>.</summary>
    private async Task<string?> HoldersAsync(int backendPid, CancellationToken cancellationToken)
    {
        try
        {
            second ??= await PostgresServer.ConnectAsync(database, "deepsight migrate (watching)", cancellationToken);
            await using var command = new NpgsqlCommand(
                """
                select string_agg(case when blocker = 0 then 'a prepared transaction (pg_prepared_xacts lists them)'
                    else format('%s (pid %s%s%s)', coalesce(nullif(application_name, ''), 'a session without a name'), blocker,
                        to_char(xact_start at time zone 'UTC', '", since "HH24:MI:SS" UTC"'), ', as ' || usename) end, ', ' order by blocker)
                  from (select distinct unnest(pg_blocking_pids(@pid))) as blocking (blocker) left join pg_stat_activity on pid = blocker
                """, second);
            command.Parameters.AddWithValue("pid", backendPid);
            return await command.ExecuteScalarAsync(cancellationToken) as string;
        }
        catch (Exception e) when (e is NpgsqlException or DeepSightException)
        {
            // The statement goes on without being watched; whatever is wrong with the server, it will say itself.
            return $"a session that could not be asked for ({e.Message.Split('\n')[0].TrimEnd('.')})";
        }
    }
}
