using System.Text;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Migrations;

/// <summary>
/// A statement as its tokens, for rules about its form: keywords and plain names in lower case, quoted names as they are. A string or a
/// body is one token, so that nothing inside is mistaken for SQL.
/// </summary>
internal sealed class StatementWords
{
    /// <summary>Enough for any form; the rows of a long INSERT are not looked at.</summary>
    private const int Limit = 4096;

    private readonly List<(SqlTokenKind Kind, string Value)> tokens = [];

    public StatementWords(string statement)
    {
        var reader = new SqlTokens(Encoding.UTF8.GetBytes(statement.Length > Limit * 16 ? statement[..(Limit * 16)] : statement));
        while (tokens.Count < Limit && reader.Next()) tokens.Add((reader.Kind, reader.Value));
    }

    public int Count => tokens.Count;

    /// <summary>The token's value; empty beyond the end. A string never equals a keyword.</summary>
    public string this[int index] => index < tokens.Count && tokens[index].Kind != SqlTokenKind.String ? tokens[index].Value : "";

    public bool Starts(params ReadOnlySpan<string> words) => Has(0, words);

    /// <summary>Whether these words stand at <paramref name="index"/>, one after the other.</summary>
    public bool Has(int index, params ReadOnlySpan<string> words)
    {
        for (var i = 0; i < words.Length; i++)
            if (this[index + i] != words[i] || tokens[index + i].Kind == SqlTokenKind.QuotedIdentifier)
                return false;

        return true;
    }

    /// <summary>Where these words stand, one after the other, from <paramref name="from"/> on; -1 when nowhere.</summary>
    public int Find(int from, params ReadOnlySpan<string> words)
    {
        for (var i = from; i < tokens.Count; i++)
            if (Has(i, words))
                return i;

        return -1;
    }

    public bool Contains(params ReadOnlySpan<string> words) => Find(0, words) >= 0;

    /// <summary>The index behind these words if they stand at <paramref name="index"/>, else the index itself.</summary>
    public int Skip(int index, params ReadOnlySpan<string> words) => Has(index, words) ? index + words.Length : index;

    /// <summary>The name at <paramref name="index"/>, qualified or not, quoted where SQL needs it, and the index behind it; null when there is none.</summary>
    public (string? Name, int Next) Name(int index)
    {
        if (index >= tokens.Count || tokens[index].Kind is not (SqlTokenKind.Word or SqlTokenKind.QuotedIdentifier)) return (null, index);

        var name = SqlName.Quote(tokens[index].Value);
        for (index++; this[index] == "." && index + 1 < tokens.Count; index += 2) name += "." + SqlName.Quote(tokens[index + 1].Value);
        return (name, index);
    }
}
