using DeepSight.Core.Databases;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Locking;
using DeepSight.Core.Postgres.Sql;
using DeepSight.Core.Runs;
using Npgsql;

namespace DeepSight.Core.Retention;

/// <summary>
/// Databases that restores left on purpose (<c>name__before_id</c>, for undo) when their days are over, and scratch databases of
/// restores and drills that died. What can't be done is told, not thrown: the backups are retention's business.
/// </summary>
internal sealed class DatabaseCleanup(DatabaseSettings settings, int keepDays, TimeProvider clock)
{
    /// <returns>What was dropped and what could not be, for people; in a dry run, what would be dropped.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(bool dryRun, CancellationToken cancellationToken)
    {
        var told = new List<string>();
        if (settings.Url is not null || settings.DirectUrl is not null)
            await TryAsync(settings.ForJobs, server => CleanTargetAsync(server, dryRun, told, cancellationToken), told);
        if (settings.VerifyUrl is not null && !dryRun)
            await TryAsync(() => settings.ForDrills()!, server => DropAbandonedAsync(server, told, cancellationToken), told);
        return told;
    }

    private static async Task TryAsync(Func<DatabaseUrl> server, Func<DatabaseUrl, Task> clean, List<string> told)
    {
        try
        {
            await clean(server());
        }
        catch (Exception e) when (e is DeepSightException or NpgsqlException)
        {
            told.Add($"Databases that restores left behind were not looked at: {(e as DeepSightException)?.Message ?? (e as PostgresException)?.MessageText ?? "the connection broke."}");
        }
    }

    private async Task CleanTargetAsync(DatabaseUrl target, bool dryRun, List<string> told, CancellationToken cancellationToken)
    {
        if (!dryRun) await DropAbandonedAsync(target, told, cancellationToken);
        await using var connection = await PostgresServer.ConnectAsync(target, "deepsight retention", cancellationToken);
        var over = await FindPreviousAsync(connection, target.Database, cancellationToken);
        if (over.Count == 0) return;
        if (dryRun)
        {
            told.AddRange(over.Select(name => $"'{name}' would be dropped: its {RetentionPolicy.Days(keepDays)} for undo are over."));
            return;
        }

        // An undo may be about to take one of them back.
        await using var jobLock = await JobLock.AcquireAsync(target, JobNames.Retention, TimeSpan.Zero, clock, cancellationToken);
        foreach (var name in await FindPreviousAsync(connection, target.Database, cancellationToken))
            told.Add(await DropAsync(connection, name, cancellationToken));
    }

    private static async Task DropAbandonedAsync(DatabaseUrl server, List<string> told, CancellationToken cancellationToken)
    {
        await using var connection = await PostgresServer.ConnectAsync(server, "deepsight retention", cancellationToken);
        told.AddRange(await AbandonedDatabases.DropAsync(connection, server, cancellationToken));
    }

    /// <summary>Those of this database whose days are over by the server's clock as well as by ours: one of the two may be wrong.</summary>
    private async Task<List<string>> FindPreviousAsync(NpgsqlConnection connection, string database, CancellationToken cancellationToken)
    {
        await using var asking = new NpgsqlCommand("select now()", connection);
        var serverTime = new DateTimeOffset((DateTime)(await asking.ExecuteScalarAsync(cancellationToken))!);
        var earlier = serverTime < clock.GetUtcNow() ? serverTime : clock.GetUtcNow();
        var previous = await PreviousDatabases.ListAsync(connection, database, cancellationToken);
        return [.. previous.Where(former => DatabaseNames.IsPrevious(former.Name) && earlier - former.Marker.At > TimeSpan.FromDays(keepDays)).Select(former => former.Name)];
    }

    /// <summary>Without force: somebody who is connected to it may need it.</summary>
    private static async Task<string> DropAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        try
        {
            // A template can't be dropped; a batch would be one transaction.
            await connection.ExecuteAsync($"ALTER DATABASE {Sql.Name(name)} IS_TEMPLATE false", cancellationToken);
            await connection.ExecuteAsync($"DROP DATABASE IF EXISTS {Sql.Name(name)}", cancellationToken);
            return $"'{name}' was dropped: its days for undo are over.";
        }
        catch (PostgresException e)
        {
            return $"'{name}' could not be dropped, though its days for undo are over: {e.MessageText}{(e.Detail is null ? "" : $" ({e.Detail.TrimEnd('.')})")}.";
        }
    }
}
