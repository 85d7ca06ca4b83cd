namespace DeepSight.Core.Postgres.Sql;

/// <summary>What a statement does to the transaction it stands in.</summary>
internal enum TransactionEffect
{
    None,

    /// <summary>BEGIN, START TRANSACTION.</summary>
    Begins,

    /// <summary>COMMIT, END.</summary>
    Commits,

    /// <summary>ROLLBACK, ABORT, PREPARE TRANSACTION, and COMMIT with more behind it.</summary>
    Ends,
}
