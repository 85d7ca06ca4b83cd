using System.Buffers;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Restore.Loading;

/// <summary>
/// Deals the rows of a large COPY out to several sessions, since one COPY keeps one of the server's processors busy. All else, and all rows
/// of small tables, go to the main session. Each session's COPY answers for the rows that it got.
/// </summary>
/// <param name="canSplit">Of a table.</param>
internal sealed class CopySplitter(LoadSessions sessions, Func<string, CancellationToken, Task<bool>> canSplit, SqlSession state)
{
    /// <summary>
    /// In bytes of rows. Far more than the pipe to psql holds: when psql has taken so much the server has begun this COPY, so that the
    /// table is there for other sessions too. And below it a second session gains nothing.
    /// </summary>
    internal const int Worthwhile = 4 << 20;

    /// <summary>In bytes. A row that is longer across two blocks stays where it began.</summary>
    private const int LongestRest = 1 << 16;

    private readonly ArrayBufferWriter<byte> rest = new();

    // While a COPY is split: the main session's share and the others'.
    private readonly List<Share> shares = [];
    private Share? current;
    private long began = -1;
    private bool isMidRow;
    private bool staysWhole;
    private bool isEnding;

    private PsqlSession Main => sessions.Main.Psql;

    /// <summary>Those that have ended.</summary>
    public int Copies { get; private set; }

    /// <summary>A COPY's end was read; it is not written yet.</summary>
    public void Copied(string table, long rows)
    {
        Copies++;
        if (current is not null && !isEnding)
        {
            if (isMidRow) current.Rows++;
            foreach (var share in shares.Skip(1))
            {
                share.Psql.Tags.Sent(table, share.Rows);
                rows -= share.Rows;
            }
            isEnding = true;
        }
        Main.Tags.Sent(table, rows);
    }

    /// <param name="onlyRows">It begins and ends within the rows of one COPY.</param>
    public async Task WriteAsync(ReadOnlyMemory<byte> sql, bool onlyRows, CancellationToken cancellationToken)
    {
        if (!onlyRows)
        {
            sql = await EndSplitAsync(sql, cancellationToken);
            (began, staysWhole) = (-1, false);
        }
        else if (current is not null || await TrySplitAsync(cancellationToken))
        {
            await DealAsync(sql, cancellationToken);
            return;
        }
        await Main.WriteAsync(sql, cancellationToken);
    }

    private async Task<bool> TrySplitAsync(CancellationToken cancellationToken)
    {
        if (began < 0) began = Main.Written;
        if (staysWhole || Main.Sent - began < Worthwhile || state.Copy is not { } copy) return false;
        if (!await canSplit(CopyHeader.Read(copy).Table, cancellationToken) || await sessions.OthersAsync(cancellationToken) is not { Count: > 0 } others)
        {
            staysWhole = true;
            return false;
        }

        foreach (var other in others)
        {
            await other.Psql.RestrictAsync(cancellationToken);
            await other.TellAsync(state.Settings, cancellationToken);
            await other.Psql.WriteAsync(copy, cancellationToken);
            await other.Psql.WriteAsync("\n"u8.ToArray(), cancellationToken);
        }
        shares.AddRange([new Share(Main), .. others.Select(other => new Share(other.Psql))]);
        (current, isMidRow, isEnding) = (shares[0], false, false);
        return true;
    }

    /// <summary>Whole rows to one session, so that the next block may begin in another.</summary>
    private async Task DealAsync(ReadOnlyMemory<byte> rows, CancellationToken cancellationToken)
    {
        var end = rows.Span.LastIndexOf((byte)'\n') + 1;
        isMidRow = end == 0 || rows.Length - end > LongestRest;
        if (isMidRow) end = rows.Length;

        await current!.SendAsync(rest.WrittenMemory, cancellationToken);
        await current.SendAsync(rows[..end], cancellationToken);
        rest.ResetWrittenCount();
        rest.Write(rows.Span[end..]);
        if (!isMidRow) current = shares.MinBy(share => share.Psql.Written - share.Psql.Sent);
    }

    /// <summary>The others have stored their rows before the main session goes on: what follows may be an index.</summary>
    /// <returns>What follows the rows.</returns>
    private async Task<ReadOnlyMemory<byte>> EndSplitAsync(ReadOnlyMemory<byte> sql, CancellationToken cancellationToken)
    {
        if (current is null) return sql;

        if (isMidRow && current.Psql != Main)
        {
            var row = sql.Span.IndexOf((byte)'\n') + 1;
            await current.Psql.WriteAsync(sql[..row], cancellationToken);
            sql = sql[row..];
        }
        foreach (var share in shares.Skip(1)) await share.Psql.WriteAsync("\\.\n", cancellationToken);

        // All COPYs end before one is waited for.
        rest.Write(sql.Span);
        var end = EndOfRows(rest.WrittenSpan);
        await Main.WriteAsync(rest.WrittenMemory[..end], cancellationToken);
        foreach (var share in shares.Skip(1))
        {
            await share.Psql.UnrestrictAsync(cancellationToken);
            await share.Psql.SyncAsync(cancellationToken);
        }
        var following = rest.WrittenMemory[end..].ToArray();
        rest.ResetWrittenCount();
        shares.Clear();
        current = null;
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

    /// <summary>What one session gets of a COPY.</summary>
    private sealed class Share(PsqlSession psql)
    {
        public PsqlSession Psql { get; } = psql;

        public long Rows { get; set; }

        public Task SendAsync(ReadOnlyMemory<byte> rows, CancellationToken cancellationToken)
        {
            Rows += rows.Span.Count((byte)'\n');
            return Psql.WriteAsync(rows, cancellationToken);
        }
    }
}
