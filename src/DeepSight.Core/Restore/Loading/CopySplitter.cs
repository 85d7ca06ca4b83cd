using System.Buffers;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Restore.Loading;

/// <summary>
/// Deals the rows of a large COPY out to two sessions, since one COPY keeps one of the server's processors busy. All else, and all rows
/// of small tables, go to the main session. Each session's COPY answers for the rows that it got.
/// </summary>
internal sealed class CopySplitter(LoadSessions sessions, SqlSession state)
{
    /// <summary>
    /// In bytes of rows. Far more than the pipe to psql holds: when psql has taken so much the server has begun this COPY, so that the
    /// table is there for other sessions too. And below it a second session gains nothing.
    /// </summary>
    internal const int Worthwhile = 4 << 20;

    /// <summary>In bytes. A row that is longer across two blocks stays where it began.</summary>
    private const int LongestRest = 1 << 16;

    private readonly ArrayBufferWriter<byte> rest = new();
    private PsqlSession? second;
    private PsqlSession current = sessions.Main;
    private long began = -1;
    private long secondRows;
    private bool isMidRow;
    private bool staysWhole;
    private bool isEnding;
    private int settingsTold;

    /// <summary>Those that have ended.</summary>
    public int Copies { get; private set; }

    /// <summary>A COPY's end was read; it is not written yet.</summary>
    public void Copied(string table, long rows)
    {
        Copies++;
        if (second is not null && !isEnding)
        {
            if (current == second && isMidRow) secondRows++;
            second.Tags.Sent(table, secondRows);
            rows -= secondRows;
            isEnding = true;
        }
        sessions.Main.Tags.Sent(table, rows);
    }

    /// <param name="onlyRows">It begins and ends within the rows of one COPY.</param>
    public async Task WriteAsync(ReadOnlyMemory<byte> sql, bool onlyRows, CancellationToken cancellationToken)
    {
        if (!onlyRows)
        {
            sql = await EndSplitAsync(sql, cancellationToken);
            (began, staysWhole) = (-1, false);
        }
        else if (second is not null || await TrySplitAsync(cancellationToken))
        {
            await DealAsync(sql, cancellationToken);
            return;
        }
        await sessions.Main.WriteAsync(sql, cancellationToken);
    }

    private async Task<bool> TrySplitAsync(CancellationToken cancellationToken)
    {
        if (began < 0) began = sessions.Main.Written;
        if (staysWhole || sessions.Main.Sent - began < Worthwhile || state.Copy is not { } copy) return false;
        if (await sessions.TrySecondAsync(CopyHeader.Read(copy).Table, cancellationToken) is not { } session)
        {
            staysWhole = true;
            return false;
        }

        await session.RestrictAsync(cancellationToken);
        await session.WriteAsync(state.Settings[settingsTold..], cancellationToken);
        settingsTold = state.Settings.Length;
        await session.WriteAsync(copy, cancellationToken);
        await session.WriteAsync("\n"u8.ToArray(), cancellationToken);
        (second, current, secondRows, isMidRow, isEnding) = (session, sessions.Main, 0, false, false);
        return true;
    }

    /// <summary>Whole rows to one session, so that the next block may begin in the other.</summary>
    private async Task DealAsync(ReadOnlyMemory<byte> rows, CancellationToken cancellationToken)
    {
        var end = rows.Span.LastIndexOf((byte)'\n') + 1;
        isMidRow = end == 0 || rows.Length - end > LongestRest;
        if (isMidRow) end = rows.Length;

        await SendAsync(rest.WrittenMemory, cancellationToken);
        await SendAsync(rows[..end], cancellationToken);
        rest.ResetWrittenCount();
        rest.Write(rows.Span[end..]);
        if (!isMidRow) current = Waiting(second!) < Waiting(sessions.Main) ? second! : sessions.Main;
    }

    private async Task SendAsync(ReadOnlyMemory<byte> rows, CancellationToken cancellationToken)
    {
        if (current == second) secondRows += rows.Span.Count((byte)'\n');
        await current.WriteAsync(rows, cancellationToken);
    }

    /// <summary>The second session has stored its rows before the main one goes on: what follows may be an index.</summary>
    /// <returns>What follows the rows.</returns>
    private async Task<ReadOnlyMemory<byte>> EndSplitAsync(ReadOnlyMemory<byte> sql, CancellationToken cancellationToken)
    {
        if (second is null) return sql;

        if (current == second && isMidRow)
        {
            var row = sql.Span.IndexOf((byte)'\n') + 1;
            await second.WriteAsync(sql[..row], cancellationToken);
            sql = sql[row..];
        }
        await second.WriteAsync("\\.\n", cancellationToken);

        // Both COPYs end before one is waited for.
        rest.Write(sql.Span);
        var end = EndOfRows(rest.WrittenSpan);
        await sessions.Main.WriteAsync(rest.WrittenMemory[..end], cancellationToken);
        await second.UnrestrictAsync(cancellationToken);
        await second.SyncAsync(cancellationToken);
        var following = rest.WrittenMemory[end..].ToArray();
        rest.ResetWrittenCount();
        (second, current) = (null, sessions.Main);
        return following;
    }

    /// <summary>After the line <c>\.</c>, where there is one.</summary>
    private static int EndOfRows(ReadOnlySpan<byte> sql)
    {
        for (var start = 0; start < sql.Length;)
        {
            var length = sql[start..].IndexOf((byte)'\n') + 1;
            if (length == 0) break;
            start += length;
            if (sql[(start - length)..start] is [(byte)'\\', (byte)'.', (byte)'\n'] or [(byte)'\\', (byte)'.', (byte)'\r', (byte)'\n']) return start;
        }
        return sql.Length;
    }

    private static long Waiting(PsqlSession session) => session.Written - session.Sent;
}
