namespace DeepSight.Core.Restore.InPlace;

/// <summary>What a piece of a dump is.</summary>
internal enum SqlPieceKind
{
    Statement,

    /// <summary>A <c>COPY … FROM stdin</c>; its rows follow.</summary>
    Copy,

    Rows,

    CopyEnd,
}
