using DeepSight.Core.Postgres;
using Npgsql;

namespace DeepSight.Core.Migrations.Running;

/// <summary>Looks over a running statement's shoulder: when it waits for a lock, says for whom, instead of waiting in silence.</summary>
internal sealed class LockWaits(DatabaseUrl database, IProgress<MigrationStep>? progress, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private NpgsqlConnection? second;

    /// <summary>Who held the lock when last seen; null when nobody did.</summary>
    public string? LastSeen { get; private set; }

    /// <summary>Waits for <paramref name="work"/>, which a session of this process id does.</summary>
    public async Task<T> OverAsync<T>(Task<T> work, int backendPid, string script, CancellationToken cancellationToken)
    {
        LastSeen = null;
        while (await Task.WhenAny(work, Task.Delay(Patience, clock, cancellationToken)) != work && !cancellationToken.IsCancellationRequested)
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
                select string_agg(format('%s (pid %s%s%s)', coalesce(nullif(application_name, ''), 'a session without a name'), pid,
                           to_char(xact_start at time zone 'UTC', '", since "HH24:MI:SS" UTC"'), ', as ' || usename), ', ' order by pid)
                  from pg_stat_activity where pid = any (pg_blocking_pids(@pid))
                """, second);
            command.Parameters.AddWithValue("pid", backendPid);
            return await command.ExecuteScalarAsync(cancellationToken) as string;
        }
        catch (Exception e) when (e is NpgsqlException or DeepSightException)
        {
            // The statement goes on without being watched; whatever is wrong with the server, it will say itself.
            return $"nobody could be asked: {e.Message.Split('\n')[0]}";
        }
    }
}
