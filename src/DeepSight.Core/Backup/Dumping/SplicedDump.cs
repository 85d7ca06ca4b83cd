using System.Runtime.CompilerServices;
using System.Text;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Backup.Dumping;

/// <summary>
/// pg_dump's text with the rows of large tables put in where pg_dump would have written them. Every entry of its begins with a comment
/// that says what it is; the scanner tells such a comment from the same text in a row, a string or a function's body.
/// </summary>
internal static class SplicedDump
{
    private const int ReadBytes = 1 << 17;

    private const string Data = "-- Data for Name: ";
    private const string Other = "-- Name: ";
    private const string Trailer = "-- PostgreSQL database dump complete";
    private const string TypeIs = "; Type: ";
    private const string SchemaIs = "; Schema: ";

    private static ReadOnlySpan<byte> Border => "\n--\n-- "u8;

    /// <summary>What comes after the rows of tables: the rest of the data, and what is made once it is there.</summary>
    private static readonly HashSet<string> Later = new(StringComparer.Ordinal)
    {
        "SEQUENCE SET", "BLOB METADATA", "STATISTICS DATA",
        "INDEX", "INDEX ATTACH", "STATISTICS", "CONSTRAINT", "CHECK CONSTRAINT", "FK CONSTRAINT", "RULE", "TRIGGER", "EVENT TRIGGER", "MATERIALIZED VIEW DATA", "POLICY",
        "ROW SECURITY", "PUBLICATION", "PUBLICATION TABLE", "PUBLICATION TABLES IN SCHEMA", "SUBSCRIPTION", "SUBSCRIPTION TABLE",
    };

    /// <param name="dump">Without the rows of <paramref name="tables"/>.</param>
    /// <param name="tables">In order.</param>
    /// <param name="rows">Of them, one after the other.</param>
    /// <returns>Each memory is valid until the next is asked for.</returns>
    /// <exception cref="DeepSightException">Rows can't be read.</exception>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> MergeAsync(Stream dump, IReadOnlyList<LargeTable> tables, TableSessions rows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var scanner = new SqlScanner(new Deaf());
        var waiting = new Queue<LargeTable>(tables);
        var buffer = new byte[2 * ReadBytes];
        var length = 0;
        while (true)
        {
            if (buffer.Length - length < ReadBytes) Array.Resize(ref buffer, 2 * buffer.Length);
            var read = await dump.ReadAsync(buffer.AsMemory(length), cancellationToken);
            length += read;
            var passed = 0;
            while (passed < length)
            {
                var (end, due) = Next(scanner, buffer.AsSpan(passed, length - passed), waiting, isEnd: read == 0);
                if (end > 0) yield return buffer.AsMemory(passed, end);
                passed += end;
                for (; due > 0; due--)
                {
                    var table = waiting.Dequeue();
                    yield return Encoding.UTF8.GetBytes(table.Head);
                    await foreach (var part in rows.ReadTableAsync(cancellationToken)) yield return part;
                    yield return Encoding.UTF8.GetBytes(LargeTable.Tail);
                }

                if (end == 0) break;
            }

            if (read == 0) yield break;
            buffer.AsSpan(passed, length - passed).CopyTo(buffer);
            length -= passed;
        }
    }

    /// <summary>How much of the text passes, and how many tables come behind that.</summary>
    private static (int Passes, int Due) Next(SqlScanner scanner, ReadOnlySpan<byte> text, Queue<LargeTable> waiting, bool isEnd)
    {
        if (waiting.Count == 0) return (text.Length, 0);

        var at = text.IndexOf(Border);
        if (at < 0)
        {
            // A border may begin in the last bytes.
            var sure = isEnd ? text.Length : Math.Max(0, text.Length - Border.Length);
            scanner.Append(text[..sure]);
            return (sure, 0);
        }

        scanner.Append(text[..at]);
        var isBetweenStatements = scanner.PendingOffset is null && !scanner.IsInRows;
        var line = text[(at + "\n--\n".Length)..];
        var end = line.IndexOf((byte)'\n');
        if (isBetweenStatements && end < 0 && !isEnd) return (at, 0);

        scanner.Append(text.Slice(at, 1));
        return (at + 1, isBetweenStatements ? Due(Encoding.UTF8.GetString(end < 0 ? line : line[..end]), waiting) : 0);
    }

    /// <summary>How many tables come before the entry of this comment.</summary>
    private static int Due(string comment, Queue<LargeTable> waiting)
    {
        if (comment.StartsWith(Trailer, StringComparison.Ordinal)) return waiting.Count;
        var isData = comment.StartsWith(Data, StringComparison.Ordinal);
        if (!isData && !comment.StartsWith(Other, StringComparison.Ordinal)) return 0;

        // A name that holds pg_dump's own words leaves open what the entry is: then a later one decides.
        var (type, schema) = (comment.IndexOf(TypeIs, StringComparison.Ordinal), comment.IndexOf(SchemaIs, StringComparison.Ordinal));
        if (type < 0 || schema < type || type != comment.LastIndexOf(TypeIs, StringComparison.Ordinal) || schema != comment.LastIndexOf(SchemaIs, StringComparison.Ordinal)) return 0;

        var what = comment[(type + TypeIs.Length)..schema];
        if (!isData || what != "TABLE DATA") return isData || Later.Contains(what) ? waiting.Count : 0;

        var (name, of) = (comment[Data.Length..type], comment[(schema + SchemaIs.Length)..]);
        of = of[..Math.Max(0, of.IndexOf(';', StringComparison.Ordinal))];
        return waiting.TakeWhile(table => table.CompareTo(of, name) < 0).Count();
    }

    /// <summary>Only where statements begin and end is asked for.</summary>
    private sealed class Deaf : ISqlSink;
}
