namespace DeepSight.Core.Postgres.Sql;

/// <summary>What <c>COPY schema.table (column, …) FROM stdin;</c> says.</summary>
/// <param name="Table">As <see cref="SqlName"/> writes it.</param>
/// <param name="Columns">Unquoted; none where the statement names none.</param>
internal sealed record CopyHeader(string Table, IReadOnlyList<string> Columns)
{
    public static CopyHeader Read(ReadOnlySpan<byte> statement)
    {
        var tokens = new SqlTokens(statement);
        tokens.Take("copy"u8);
        var table = SqlName.Read(ref tokens) ?? "";
        var columns = new List<string>();
        if (tokens.Next() && tokens.Is('('))
        {
            while (tokens.Next() && !tokens.Is(')'))
            {
                if (tokens.IsName) columns.Add(tokens.Value);
            }
        }
        return new CopyHeader(table, columns);
    }
}
