namespace DeepSight.Core.Postgres.Sql;

/// <summary>Recognises transaction control among top-level statements.</summary>
internal static class TransactionStatement
{
    public static TransactionEffect Classify(ReadOnlySpan<byte> head)
    {
        var tokens = new SqlTokens(head);
        if (!tokens.Next()) return TransactionEffect.None;

        if (tokens.Is("begin"u8)) return TransactionEffect.Begins;
        if (tokens.Is("start"u8)) return TransactionEffect.Begins;
        if (tokens.Is("commit"u8) || tokens.Is("end"u8))
            return IsPlain(tokens) ? TransactionEffect.Commits : TransactionEffect.Ends;
        if (tokens.Is("rollback"u8) || tokens.Is("abort"u8)) return TransactionEffect.Ends;
        return tokens.Is("prepare"u8) && tokens.Take("transaction"u8) ? TransactionEffect.Ends : TransactionEffect.None;
    }

    // COMMIT AND CHAIN, COMMIT PREPARED 'x'
    private static bool IsPlain(SqlTokens tokens)
    {
        if (!tokens.Take("work"u8)) tokens.Take("transaction"u8);
        return !tokens.Next() || tokens.Is(';');
    }
}

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
