namespace DeepSight.Core.Restore.InPlace;

/// <summary>A statement, or some rows of a COPY.</summary>
internal readonly record struct SqlPiece(SqlPieceKind Kind, string Text, byte[] Bytes);
