using System.Diagnostics;

namespace DeepSight.Core.Postgres.Sql;

/// <content>
/// COPY data: from the line after the statement to the line <c>\.</c>, which psql ends with \n or \r\n alone
/// (handleCopyIn in src/bin/psql/copy.c). In between a line may look like anything.
/// </content>
internal sealed partial class SqlScanner
{
    /// <summary>
    /// psql reads the data first and what follows the semicolon on its line afterwards; no dump has anything there.
    /// </summary>
    private int ScanCopyTail(ReadOnlySpan<byte> chunk, int at)
    {
        for (; at < chunk.Length; at++)
        {
            if (Classes[chunk[at]] != Class.Space)
            {
                throw Corrupt("Text follows a COPY … FROM stdin; on its line", statementLine,
                    "Put it on a line of its own, after the line \\. that ends the data.");
            }
            if (chunk[at] != '\n') continue;

            Deliver(chunk, at + 1);
            text = Text.CopyRow;
            state = State.CopyLine;
            return at + 1;
        }
        return at;
    }

    /// <summary>The hot path: whole rows, of which one in a dump's gigabyte crosses its chunk's end.</summary>
    private int ScanCopyLines(ReadOnlySpan<byte> chunk, int at)
    {
        while (at < chunk.Length)
        {
            var rest = chunk[at..];
            if (rest[0] == '\\' && MayBeTerminator(rest))
            {
                state = State.CopyMaybeEnd;
                return at;
            }

            var length = rest.IndexOf((byte)'\n');
            if (length < 0)
            {
                sink.OnCopyRowPart(rest, last: false);
                state = State.CopyRow;
                return chunk.Length;
            }
            sink.OnCopyRow(rest[..(length + 1)]);
            line++;
            at += length + 1;
        }
        return at;
    }

    /// <summary>It is, or the chunk ends before that is certain.</summary>
    private static bool MayBeTerminator(ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> windows = "\\.\r\n"u8;
        var length = Math.Min(rest.Length, windows.Length);
        return rest.StartsWith("\\.\n"u8) || rest[..length].SequenceEqual(windows[..length]);
    }

    private int ScanCopyMaybeEnd(ReadOnlySpan<byte> chunk, int at)
    {
        var next = chunk[at];
        var goesOn = owedCount switch
        {
            0 => next == '\\',
            1 => next == '.',
            2 => next is (byte)'\n' or (byte)'\r',
            _ => next == '\n',
        };
        if (!goesOn)
        {
            sink.OnCopyRowPart(owed.AsSpan(0, owedCount), last: false);
            owedCount = 0;
            state = State.CopyRow;
            return at;
        }
        if (next != '\n')
        {
            Owe(next);
            return at + 1;
        }

        owedCount = 0;
        from = at + 1;
        line++;
        state = State.Code;
        text = Text.Blank;
        sink.OnCopyEnd();
        return at + 1;
    }

    private int ScanCopyRowRest(ReadOnlySpan<byte> chunk, int at)
    {
        Debug.Assert(text == Text.CopyRow);
        var rest = chunk[at..];
        var length = rest.IndexOf((byte)'\n');
        if (length < 0)
        {
            sink.OnCopyRowPart(rest, last: false);
            return chunk.Length;
        }
        sink.OnCopyRowPart(rest[..(length + 1)], last: true);
        line++;
        state = State.CopyLine;
        return at + length + 1;
    }
}
