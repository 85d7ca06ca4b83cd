using System.Buffers;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Restore.InPlace;

/// <summary>Collects what a scanner reports of one block, to be run when the block is read.</summary>
internal sealed class SqlPieces : ISqlSink
{
    private readonly ArrayBufferWriter<byte> text = new();
    private readonly ArrayBufferWriter<byte> rows = new();
    private readonly List<SqlPiece> pieces = [];

    public void OnStatementText(ReadOnlySpan<byte> part) => text.Write(part);

    public void OnStatement(in SqlStatement statement)
    {
        pieces.Add(new SqlPiece(statement.IsCopyFromStdin ? SqlPieceKind.Copy : SqlPieceKind.Statement, SqlText.Decode(text.WrittenSpan), []));
        text.ResetWrittenCount();
    }

    public void OnCopyRow(ReadOnlySpan<byte> row) => rows.Write(row);

    public void OnCopyRowPart(ReadOnlySpan<byte> part, bool last) => rows.Write(part);

    public void OnCopyEnd()
    {
        Flush();
        pieces.Add(new SqlPiece(SqlPieceKind.CopyEnd, "", []));
    }

    /// <summary>In order; what is unfinished stays for the next block, but for rows, which go as far as they have come.</summary>
    public List<SqlPiece> Take()
    {
        Flush();
        var taken = pieces.ToList();
        pieces.Clear();
        return taken;
    }

    private void Flush()
    {
        if (rows.WrittenCount == 0) return;
        pieces.Add(new SqlPiece(SqlPieceKind.Rows, "", rows.WrittenSpan.ToArray()));
        rows.ResetWrittenCount();
    }
}

/// <summary>A statement, or some rows of a COPY.</summary>
internal readonly record struct SqlPiece(SqlPieceKind Kind, string Text, byte[] Bytes);

/// <summary>What a piece of a dump is.</summary>
internal enum SqlPieceKind
{
    Statement,

    /// <summary>A <c>COPY … FROM stdin</c>; its rows follow.</summary>
    Copy,

    Rows,

    CopyEnd,
}
