using System.Threading.Channels;
using DeepSight.Core.Databases;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Restore.Loading;

/// <summary>
/// Loads a dump into a database that is there: stored bytes → hash → decompress → inspect → filter → psql. What was loaded counts
/// only when the file's checksum, the dump's trailer and the server's answer to every COPY agree.
/// </summary>
internal sealed class DumpLoader(PostgresClients clients)
{
    private const int BlockSize = 1 << 20;
    private const int Blocks = 4;

    /// <summary>
    /// A server that is busy with a statement doesn't see that its client has died: it would hold the target's locks to that statement's
    /// end. Only Linux's servers take the setting, from 14 on.
    /// </summary>
    private const string BeginTransaction =
        """
        SELECT pg_catalog.set_config(name, '2s', false) FROM pg_catalog.pg_settings
         WHERE name = 'client_connection_check_interval' AND pg_catalog.version() ~ 'linux';
        BEGIN;

        """;

    /// <summary>
    /// Indexes are built faster: as much as the server's own cache shows that it can spare, up to 256 MB, twice at once at most, and never less
    /// than it has. For these sessions only; the workers of one build share it.
    /// </summary>
    private static string MoreSortMemory(int sessions) =>
        $"""
        SELECT pg_catalog.set_config(own.name, more.setting || 'kB', false)
          FROM pg_catalog.pg_settings own, pg_catalog.pg_settings cache,
               LATERAL (SELECT least(262144, cache.setting::bigint * 8) / {Math.Max(1, sessions / 2)} AS setting) more
         WHERE own.name = 'maintenance_work_mem' AND cache.name = 'shared_buffers' AND own.setting::bigint < more.setting;

        """;

    /// <exception cref="DeepSightException">
    /// The file is not what it should be (<see cref="FailureKind.Corrupt"/>), holds what may not be restored
    /// (<see cref="FailureKind.Refused"/>), or the server took it otherwise. A single transaction is rolled back then.
    /// </exception>
    public async Task<LoadResult> LoadAsync(DumpSource source, DatabaseUrl target, LoadOptions options,
        IProgress<RestoreProgress>? progress, CancellationToken cancellationToken)
    {
        var version = await VersionOfAsync(target, cancellationToken);
        var client = await clients.ForPsqlAsync(version, cancellationToken);
        using var running = new CancellationTokenSource();
        await using var onCancel = cancellationToken.Register(running.Cancel);
        await using var reader = await DumpReader.OpenAsync(source, cancellationToken);
        var most = options.SingleTransaction ? 1 : options.Sessions;
        await using var sessions = new LoadSessions(() => new LoadSession(PsqlSession.Start(target, client, SessionFor(version, options), running.Token)), MoreSortMemory(most), most);
        var psql = sessions.Main.Psql;
        var load = new Load(RulesFor(version, options) with { EndForPsql = psql.EndOfStatement }, sessions,
            async (table, token) => sessions.AreSeveral && await SplittableTable.IsAsync(target, table, token));
        await load.TryAsync(() => psql.WriteAsync(MoreSortMemory(most) + (options.SingleTransaction ? BeginTransaction : "") + options.Before, cancellationToken));
        await load.TryAsync(() => psql.RestrictAsync(cancellationToken));
        var (summary, sha256) = await ReadAllAsync(RestorePhase.Loading, source, reader, load.TakeAsync, progress, cancellationToken);

        // A file that is corrupt explains any error of psql's.
        RequireWhole(source, summary, sha256, options);
        await load.TryAsync(() => FinishAsync(sessions, load, options, cancellationToken));
        load.ThrowIfFailed();
        foreach (var tags in sessions.Tags) RequireTaken(tags);

        await options.BeforeCommit(cancellationToken);
        // From here the outcome is the server's: a cancellation would only hide it.
        cancellationToken.ThrowIfCancellationRequested();
        await onCancel.DisposeAsync();
        // Also without a transaction of ours: the dump may have left its own open.
        await psql.WriteAsync("COMMIT;\n", CancellationToken.None);
        await psql.SyncAsync(CancellationToken.None);
        await psql.EndAsync();
        return new LoadResult(summary, sha256, load.LeftOut, psql.Answers);
    }

    /// <summary>Reads the whole file without a server: for a target that is opened only for a file known to be good.</summary>
    /// <param name="trustStatements">As <see cref="LoadOptions.TrustStatements"/>.</param>
    /// <exception cref="DeepSightException">It is no whole dump (<see cref="FailureKind.Corrupt"/>), or holds what may not be restored.</exception>
    /// <param name="inOneTransaction">It is to be loaded so, and then may hold none of its own.</param>
    public static async Task<LoadResult> CheckAsync(DumpSource source, bool inOneTransaction, bool trustStatements, IProgress<RestoreProgress>? progress, CancellationToken cancellationToken)
    {
        await using var reader = await DumpReader.OpenAsync(source, cancellationToken);
        var rules = new SqlFilterRules
        {
            OwnTransaction = inOneTransaction,
            KeepTransaction = !inOneTransaction,
            RefuseMetaCommands = true,
            DropRestrict = true,
            WithinDatabase = true,
            OnlyPgDumps = !trustStatements,
            EndForPsql = "",
        };
        var load = new Load(rules);
        var (summary, sha256) = await ReadAllAsync(RestorePhase.Checking, source, reader, load.TakeAsync, progress, cancellationToken);
        RequireWhole(source, summary, sha256, new LoadOptions());
        load.ThrowIfFailed();
        return new LoadResult(summary, sha256, [], []);
    }

    private static async Task FinishAsync(LoadSessions sessions, Load load, LoadOptions options, CancellationToken cancellationToken)
    {
        await load.CompleteAsync(cancellationToken);
        var main = sessions.Main.Psql;
        await main.UnrestrictAsync(cancellationToken);
        if (options.After.Length > 0) await main.WriteAsync(options.After, cancellationToken);
        await main.SyncAsync(cancellationToken);
        await sessions.EndOthersAsync();
    }

    /// <summary>Decompressing goes on while a block is inspected and sent.</summary>
    private static async Task<(DumpSummary Summary, string Sha256)> ReadAllAsync(RestorePhase phase, DumpSource source, DumpReader reader,
        Func<ReadOnlyMemory<byte>, CancellationToken, Task> take, IProgress<RestoreProgress>? progress, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var idle = Channel.CreateBounded<byte[]>(Blocks);
        var full = Channel.CreateBounded<(byte[] Block, int Length)>(Blocks);
        for (var i = 0; i < Blocks; i++) idle.Writer.TryWrite(GC.AllocateUninitializedArray<byte>(BlockSize));
        var reading = Task.Run(ReadAsync, CancellationToken.None);
        var inspector = new DumpInspector();
        DeepSightException? unreadable = null;
        try
        {
            await foreach (var (block, length) in full.Reader.ReadAllAsync(stop.Token))
            {
                if (inspector.SqlBytes == 0) DumpFormats.RequireOneDatabase(source, block.AsSpan(0, length));
                unreadable ??= Inspect(inspector, block.AsSpan(0, length));
                await take(block.AsMemory(0, length), stop.Token);
                progress?.Report(new RestoreProgress(phase, reader.StoredBytes, source.StoredBytes, inspector.SqlBytes, inspector.CurrentTable));
                await idle.Writer.WriteAsync(block, stop.Token);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var sha256 = await reader.FinishAsync(cancellationToken);
        return unreadable is null ? (inspector.Complete(), sha256) : throw unreadable;

        async Task ReadAsync()
        {
            Exception? failure = null;
            try
            {
                while (true)
                {
                    var block = await idle.Reader.ReadAsync(stop.Token);
                    var length = await reader.ReadAsync(block, stop.Token);
                    if (length == 0) return;
                    await full.Writer.WriteAsync((block, length), stop.Token);
                }
            }
            catch (Exception e)
            {
                // Not lost: the other side gets it.
                failure = e;
            }
            finally
            {
                full.Writer.Complete(failure);
            }
        }
    }

    /// <summary>That the text is no SQL may come of a corrupt file, which its end tells.</summary>
    private static DeepSightException? Inspect(DumpInspector inspector, ReadOnlySpan<byte> sql)
    {
        try
        {
            inspector.Append(sql);
            return null;
        }
        catch (DeepSightException e)
        {
            return e;
        }
    }

    private static void RequireWhole(DumpSource source, DumpSummary summary, string sha256, LoadOptions options)
    {
        if (!summary.IsComplete)
            throw DumpFormats.Corrupt(source, summary.EndsInside is { } place ? $"the dump ends inside {place}" : "pg_dump's last line is missing, so the dump is not whole");
        if (source.Manifest is { } manifest && DumpComparison.Of(manifest.Summary, summary).Differences is [var first, ..])
            throw DumpFormats.Corrupt(source, first.Message.TrimEnd('.'));
        if (options.ExpectedSha256 is { } expected && expected != sha256)
            throw DumpFormats.Corrupt(source, "it changed while it was being restored");
    }

    private static void RequireTaken(CopyTags tags)
    {
        var mismatch = tags.Mismatch ?? (tags.Unanswered is { } table ? $"The server did not say how many rows of {table} it took." : null);
        if (mismatch is not null) throw new DeepSightException(FailureKind.Failed, mismatch, "nothing was published; a trigger or rule may have kept rows out.");
    }

    internal static SqlFilterRules RulesFor(PostgresVersion server, LoadOptions options) => new()
    {
        UnknownSettings = SqlFilterRules.SettingsUnknownTo(server.Major),
        DropAttributeVersions = true,
        DropRestrict = true,
        OwnTransaction = options.SingleTransaction,
        KeepTransaction = !options.SingleTransaction,
        RefuseMetaCommands = true,
        WithinDatabase = true,
        OnlyPgDumps = !options.TrustStatements,
        KeptSchemas = options.KeptSchemas,
        KeptExtensions = options.KeptExtensions,
    };

    /// <summary>What ALTER DATABASE or ALTER ROLE set would stop the load or end it half-way.</summary>
    private static PsqlOptions SessionFor(PostgresVersion server, LoadOptions options)
    {
        var settings = new Dictionary<string, string>
        {
            ["default_transaction_read_only"] = "off",
            ["default_transaction_isolation"] = "read committed",
            ["statement_timeout"] = "0",
            ["lock_timeout"] = "0",
            ["client_min_messages"] = "warning",
            ["idle_in_transaction_session_timeout"] = "0",
            // As it was while dumping: in another one, amounts of money would read otherwise.
            ["lc_monetary"] = "C",
            // As the filter reads the text before it says otherwise.
            ["standard_conforming_strings"] = "on",
        };
        if (server.Major >= 14) settings["idle_session_timeout"] = "0";
        if (server.Major >= 17) settings["transaction_timeout"] = "0";
        // The commit that publishes waits for the disk, and with it for all that came before.
        if (!options.SingleTransaction) settings["synchronous_commit"] = "off";
        return new PsqlOptions { Settings = settings };
    }

    private static async Task<PostgresVersion> VersionOfAsync(DatabaseUrl target, CancellationToken cancellationToken)
    {
        await using var connection = await RestoreConnection.OpenAsync(target, cancellationToken);
        return new PostgresVersion(connection.PostgreSqlVersion.Major, connection.PostgreSqlVersion.Minor);
    }
}
