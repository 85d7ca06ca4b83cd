using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DeepSight.Core.Databases;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Backup.Dumping;

/// <summary>
/// Reads tables in pieces over several sessions of one snapshot and hands their rows on in order. A piece waits for its turn in memory,
/// up to a limit; then its session goes on as it is read.
/// </summary>
internal sealed class TableSessions : IAsyncDisposable
{
    /// <summary>Bytes of text: large enough that starting a statement costs nothing.</summary>
    private const int LargestPiece = 8 << 20;

    /// <summary>Bytes of text that are read and wait for their turn, all pieces together: a quarter of what a backup may take.</summary>
    private const int MostAhead = 64 << 20;

    /// <summary>Begun at once for each session: one is read while the one before is compressed.</summary>
    private const int PiecesForEach = 2;

    private const int LockAttempts = 5;

    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(100);

    /// <summary>What pg_dump sets for its session and what it is started with, as far as rows depend on it.</summary>
    private const string Settings =
        """
        SET datestyle = iso; SET intervalstyle = postgres; SET extra_float_digits = 3; SET synchronize_seqscans = off;
        SET row_security = off; SET bytea_output = hex; SET lc_monetary = 'C'; SET timezone = 'UTC'
        """;

    private readonly IReadOnlyList<NpgsqlConnection> sessions;
    private readonly IEnumerator<TablePiece> pieces;
    private readonly Channel<TablePiece> begun = Channel.CreateUnbounded<TablePiece>();
    private readonly SemaphoreSlim room;
    private readonly CancellationTokenSource stop = new();
    private readonly Task[] readers;

    private TableSessions(IReadOnlyList<LargeTable> tables, IReadOnlyList<NpgsqlConnection> sessions)
    {
        this.sessions = sessions;
        var atOnce = PiecesForEach * sessions.Count;
        pieces = tables.SelectMany(table => TablePiece.Of(table, Math.Min(LargestPiece, MostAhead / atOnce))).GetEnumerator();
        room = new SemaphoreSlim(atOnce);
        readers = [.. sessions.Select(session => Task.Run(() => ReadAllAsync(session)))];
    }

    /// <summary>Opens the sessions and locks the tables in each.</summary>
    /// <returns>Null when a table is being altered, or somebody waits to.</returns>
    /// <exception cref="DeepSightException">The server takes no more sessions.</exception>
    public static async Task<TableSessions?> OpenAsync(DatabaseUrl database, string snapshot, IReadOnlyList<LargeTable> tables, int count, CancellationToken cancellationToken)
    {
        var sessions = new List<NpgsqlConnection>();
        try
        {
            while (sessions.Count < count)
            {
                sessions.Add(await RestoreConnection.OpenAsync(database, "deepsight backup", cancellationToken));
                if (await TryBeginAsync(sessions[^1], snapshot, tables, cancellationToken)) continue;
                await CloseAsync(sessions);
                return null;
            }

            return new TableSessions(tables, sessions);
        }
        catch
        {
            await CloseAsync(sessions);
            throw;
        }
    }

    /// <summary>The rows of the next table, as COPY writes them; the memory is valid until the next is asked for.</summary>
    /// <exception cref="DeepSightException">They can't be read.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadTableAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        TablePiece piece;
        do
        {
            piece = await begun.Reader.ReadAsync(cancellationToken);
            while (true)
            {
                var read = await piece.Rows.Reader.ReadAsync(cancellationToken);
                foreach (var memory in read.Buffer) yield return memory;
                piece.Rows.Reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted) break;
            }

            await piece.Rows.Reader.CompleteAsync();
            room.Release();
        }
        while (!piece.IsLast);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(readers);
        await CloseAsync(sessions);
        pieces.Dispose();
        room.Dispose();
        stop.Dispose();
    }

    /// <summary>
    /// pg_dump has its locks by now. Whoever waits for them makes a lock of ours wait for him, who waits for us, and no deadlock
    /// detector sees it: so never wait.
    /// </summary>
    private static async Task<bool> TryBeginAsync(NpgsqlConnection session, string snapshot, IReadOnlyList<LargeTable> tables, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync(Settings, cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            await session.ExecuteAsync($"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT {Sql.Text(snapshot)}", cancellationToken);
            try
            {
                await session.ExecuteAsync($"LOCK TABLE {string.Join(", ", tables.Select(table => "ONLY " + table.Qualified))} IN ACCESS SHARE MODE NOWAIT", cancellationToken);
                return true;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                await session.ExecuteAsync("ROLLBACK", cancellationToken);
                if (attempt == LockAttempts) return false;
                await Task.Delay(LockPause, cancellationToken);
            }
        }
    }

    private static async Task CloseAsync(IEnumerable<NpgsqlConnection> sessions)
    {
        foreach (var session in sessions) await session.DisposeAsync();
    }

    private async Task ReadAllAsync(NpgsqlConnection session)
    {
        while (await TakeAsync() is { } piece)
        {
            try
            {
                await ReadAsync(session, piece);
                await piece.Rows.Writer.CompleteAsync();
            }
            catch (Exception e)
            {
                // Not lost: whoever reads the piece gets it.
                await piece.Rows.Writer.CompleteAsync(e is NpgsqlException ? Failed(piece, (NpgsqlException)e) : e);
                return;
            }
        }
    }

    /// <summary>In order; null when there is none left, or no more are wanted.</summary>
    private async Task<TablePiece?> TakeAsync()
    {
        try
        {
            await room.WaitAsync(stop.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }

        lock (pieces)
        {
            if (!pieces.MoveNext()) return null;
            begun.Writer.TryWrite(pieces.Current);
            return pieces.Current;
        }
    }

    private async Task ReadAsync(NpgsqlConnection session, TablePiece piece)
    {
        // The reader's own text is not used: its bytes are, as the server sent them, a row at a time.
        using var reader = (StreamReader)await session.BeginTextExportAsync(piece.Copy, stop.Token);
        var (unseen, all) = (0, 0L);
        while (await reader.BaseStream.ReadAsync(piece.Rows.Writer.GetMemory(), stop.Token) is > 0 and var count)
        {
            piece.Rows.Writer.Advance(count);
            all += count;
            if ((unseen += count) < TablePiece.SegmentBytes) continue;
            await piece.Rows.Writer.FlushAsync(stop.Token);
            unseen = 0;
        }
        piece.HasRead(all);
    }

    private static DeepSightException Failed(TablePiece piece, NpgsqlException e) => new(FailureKind.Failed,
        $"The rows of {piece.Table} could not be read: {((e as PostgresException ?? e.InnerException as PostgresException)?.MessageText ?? e.GetBaseException().Message).TrimEnd('.')}.",
        "was the server restarted, or the session terminated? Run the backup again.", e);
}
