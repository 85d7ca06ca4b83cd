using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Restore.Loading;

/// <summary>One of pg_dump's statements that read a whole table: an index, a key or a foreign key.</summary>
/// <param name="Table">As <see cref="SqlName"/> writes it.</param>
/// <param name="Referenced">Of a foreign key: the other table; null for indexes and keys.</param>
/// <param name="Sql">The statement whole, with its semicolon.</param>
internal sealed record Build(bool IsIndex, string Table, string? Referenced, byte[] Sql)
{
    public bool IsForeignKey => Referenced is not null;

    /// <summary>Null for all other statements.</summary>
    public static Build? Read(in SqlStatement statement)
    {
        if (!statement.IsWhole) return null;
        var tokens = statement.Tokens;
        return tokens.Take("create"u8) ? ReadIndex(ref tokens, statement) : tokens.Take("alter"u8) ? ReadKey(ref tokens, statement) : null;
    }

    /// <summary>It is said about an index or a key, and can be said when all of them are there.</summary>
    public static bool IsAboutOne(in SqlStatement statement)
    {
        if (!statement.IsWhole) return false;
        var tokens = statement.Tokens;
        if (tokens.Take("comment"u8)) return tokens.Take("on"u8) && (tokens.Take("index"u8) || tokens.Take("constraint"u8));
        if (!tokens.Take("alter"u8)) return false;
        if (tokens.Take("index"u8)) return SqlName.Read(ref tokens) is not null && tokens.Take("alter"u8);
        if (!tokens.Take("table"u8)) return false;
        tokens.Take("only"u8);
        return SqlName.Read(ref tokens) is not null && (tokens.Take("cluster"u8) || tokens.Take("replica"u8));
    }

    /// <summary>
    /// A key locks its table against everyone, a foreign key both tables against other changes: such statements would only wait for one another, and
    /// two foreign keys crosswise for ever. Two indexes of one table don't.
    /// </summary>
    public bool MayRunBeside(Build other) => (IsIndex && other.IsIndex)
        || (Table != other.Table && Table != other.Referenced && Referenced != other.Table && (Referenced is null || Referenced != other.Referenced));

    /// <summary><c>CREATE UNIQUE INDEX name ON ONLY schema.table USING …</c></summary>
    private static Build? ReadIndex(ref SqlTokens tokens, in SqlStatement statement)
    {
        tokens.Take("unique"u8);
        if (!tokens.Take("index"u8) || SqlName.Read(ref tokens) is null || !tokens.Take("on"u8)) return null;
        tokens.Take("only"u8);
        return SqlName.Read(ref tokens) is { } table ? new Build(true, table, null, statement.Head.ToArray()) : null;
    }

    /// <summary><c>ALTER TABLE ONLY schema.table ADD CONSTRAINT name PRIMARY KEY …</c>; without ONLY it reaches partitions.</summary>
    private static Build? ReadKey(ref SqlTokens tokens, in SqlStatement statement)
    {
        if (!tokens.Take("table"u8) || !tokens.Take("only"u8) || SqlName.Read(ref tokens) is not { } table
            || !tokens.Take("add"u8) || !tokens.Take("constraint"u8) || SqlName.Read(ref tokens) is null) return null;
        if (tokens.Take("primary"u8) ? tokens.Take("key"u8) : tokens.Take("unique"u8))
            // As a hand may write it: that index has to be there.
            return tokens.Take("using"u8) ? null : new Build(false, table, null, statement.Head.ToArray());
        if (!tokens.Take("foreign"u8)) return null;
        while (tokens.Next() && !tokens.Is("references"u8))
        {
        }
        return SqlName.Read(ref tokens) is { } referenced ? new Build(false, table, referenced, statement.Head.ToArray()) : null;
    }
}
