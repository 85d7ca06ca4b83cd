using System.Buffers;
using System.Text;

namespace DeepSight.Core.Postgres.Sql;

/// <summary>
/// Passes SQL on byte for byte, without what its rules drop. Top-level statements and meta-commands only: the same text in a row,
/// a string or a function's body passes. Holds back at most the beginning of one undecided statement, 64 KiB; what is longer is
/// nothing that a rule drops.
/// </summary>
internal sealed class SqlFilter
{
    private readonly SqlFilterRules rules;
    private readonly IBufferWriter<byte> output;
    private readonly SqlFilterDecisions decisions;
    private readonly SqlScanner scanner;
    private readonly ArrayBufferWriter<byte> held = new();
    private readonly Queue<long> cuts = new();
    private long passedTo;
    private long written;

    /// <param name="copied">Called where a COPY's data ends, with its table (<see cref="SqlName"/>) and rows: what its <c>COPY
    /// n</c> must say.</param>
    /// <param name="router">Asked about each statement that passes.</param>
    /// <param name="session">Told of each before the router is asked.</param>
    public SqlFilter(SqlFilterRules rules, IBufferWriter<byte> output, Action<string, long>? copied = null, IStatementRouter? router = null, SqlSession? session = null)
    {
        (this.rules, this.output) = (rules, output);
        decisions = new SqlFilterDecisions(rules, copied, router, session);
        scanner = new SqlScanner(decisions);
    }

    /// <summary>What was left out so far, in order of first use.</summary>
    public IReadOnlyList<SqlFilterUse> Uses => decisions.Uses;

    /// <summary>Between two chunks: the next byte belongs to a COPY's rows, or to the line that ends them.</summary>
    public bool IsInRows => scanner.IsInRows;

    /// <summary>Where the next cut lies in all that was written so far, in bytes.</summary>
    public bool TryTakeCut(out long at) => cuts.TryDequeue(out at);

    /// <summary>Takes a chunk and writes what is decided.</summary>
    /// <exception cref="DeepSightException">A rule refuses what the chunk holds; nothing of the chunk was written.</exception>
    public void Append(ReadOnlySpan<byte> chunk)
    {
        var start = scanner.Position;
        if (rules.RefuseMetaCommands && chunk.IndexOf((byte)0) is >= 0 and var zero)
            throw SqlFilterDecisions.ZeroByte(start + zero);
        scanner.Append(chunk);

        var end = scanner.Position;
        var decided = end;
        if (scanner.PendingOffset is { } pending)
        {
            if (end - pending <= SqlFilterDecisions.LongestDrop) decided = pending;
            else decisions.PassLong(pending);
        }
        Pass(chunk, start, Math.Max(decided, passedTo));
    }

    /// <summary>The input has ended: writes the rest and says where it ended.</summary>
    public SqlEnd Complete()
    {
        var end = scanner.Complete();
        Pass([], scanner.Position, scanner.Position);
        return end;
    }

    /// <summary>Writes all that lies before <paramref name="to"/> and wasn't written or dropped yet; holds the rest.</summary>
    private void Pass(ReadOnlySpan<byte> chunk, long chunkStart, long to)
    {
        var heldStart = chunkStart - held.WrittenCount;
        foreach (var edit in decisions.TakeEdits(to))
        {
            Write(chunk, chunkStart, heldStart, passedTo, edit.Start);
            switch (edit.Kind)
            {
                case SqlEditKind.EndForPsql:
                    Output(Encoding.ASCII.GetBytes(rules.EndForPsql!));
                    break;
                case SqlEditKind.Cut:
                    cuts.Enqueue(written);
                    break;
            }
            passedTo = edit.End;
        }
        Write(chunk, chunkStart, heldStart, passedTo, to);
        passedTo = to;

        if (to >= chunkStart)
        {
            held.ResetWrittenCount();
            held.Write(chunk[(int)(to - chunkStart)..]);
        }
        else
        {
            var rest = held.WrittenSpan[(int)(to - heldStart)..].ToArray();
            held.ResetWrittenCount();
            held.Write(rest);
            held.Write(chunk);
        }
    }

    private void Write(ReadOnlySpan<byte> chunk, long chunkStart, long heldStart, long from, long to)
    {
        if (from < chunkStart && to > from)
        {
            var end = Math.Min(to, chunkStart);
            Output(held.WrittenSpan[(int)(from - heldStart)..(int)(end - heldStart)]);
            from = end;
        }
        if (to > from) Output(chunk[(int)(from - chunkStart)..(int)(to - chunkStart)]);
    }

    private void Output(ReadOnlySpan<byte> text)
    {
        output.Write(text);
        written += text.Length;
    }
}

/// <summary>How often a filter left something out: <c>SET transaction_timeout</c>, <c>\restrict</c>, <c>BEGIN</c>.</summary>
public sealed record SqlFilterUse(string What, long Count);
