using System.Globalization;
using System.Text;
using DeepSight.Core.Migrations.Files;
using Npgsql;

namespace DeepSight.Core.Migrations.Running;

/// <summary>A server's error as a place in a file: its line, and a caret under the character.</summary>
internal static class StatementError
{
    /// <summary>How much of a line is shown around the place.</summary>
    private const int Width = 100;

    /// <param name="statement">The one that failed; null when it was none of the script's.</param>
    /// <param name="kept">What became of the script's work: <c>Nothing of it was kept</c>.</param>
    public static DeepSightException Explain(PostgresException error, MigrationScript script, MigrationStatement? statement, string kept)
    {
        if (statement is null)
            return new DeepSightException(FailureKind.Failed, $"{script.Display}: {error.MessageText} ({error.SqlState}) when it was to be committed.", $"{kept}.", error);

        var offset = statement.Offset + CharactersOf(statement.Text, Math.Max(error.Position, 1) - 1);
        var (line, text, before) = Place(script.Text, offset);
        var message = new StringBuilder($"{script.Display}, line {line}, column {Columns(text[..before]) + 1}: {error.MessageText} ({error.SqlState}).");
        message.Append(Excerpt(line, text, before));
        if (!string.IsNullOrEmpty(error.Detail)) message.Append("\n  detail: ").Append(error.Detail);
        if (!string.IsNullOrEmpty(error.Where)) message.Append("\n  where: ").Append(error.Where.ReplaceLineEndings(" / "));
        if (script.InTransaction && RefusesTransaction(error) && !new StatementWords(statement.Text).Starts("set"))
            return new DeepSightException(FailureKind.Failed, message.ToString(), $"{ScriptRules.OutsideTransaction} {kept}.", error);
        return new DeepSightException(FailureKind.Failed, message.ToString(),
            string.IsNullOrEmpty(error.Hint) ? $"{kept}; mend the script and run again." : $"{error.Hint.TrimEnd('.')}. {kept}.", error);
    }

    /// <summary>The statement can't run in a transaction block, or it is a procedure that commits.</summary>
    private static bool RefusesTransaction(PostgresException error) =>
        error.SqlState is PostgresErrorCodes.ActiveSqlTransaction or PostgresErrorCodes.InvalidTransactionTermination;

    /// <summary>The server counts characters, .NET counts UTF-16 units.</summary>
    private static int CharactersOf(string text, int position)
    {
        var at = 0;
        for (; position > 0 && at < text.Length; position--) at += char.IsSurrogatePair(text, at) ? 2 : 1;
        return at;
    }

    /// <summary>The line's number, its text, and how much of it stands before the place.</summary>
    private static (int Line, string Text, int Before) Place(string text, int offset)
    {
        offset = Math.Min(offset, text.Length);
        var start = offset == 0 ? 0 : text.LastIndexOf('\n', offset - 1) + 1;
        var end = text.IndexOf('\n', start);
        return (text.AsSpan(0, start).Count('\n') + 1, text[start..(end < 0 ? text.Length : end)].TrimEnd('\r'), offset - start);
    }

    private static string Excerpt(int line, string text, int before)
    {
        before = Math.Min(before, text.Length);
        var from = Math.Max(0, Math.Min(before - Width / 2, text.Length - Width));
        var shown = text[from..Math.Min(text.Length, from + Width)].Replace('\t', ' ');
        var number = line.ToString(CultureInfo.InvariantCulture);
        return $"\n  {number} | {shown}\n  {new string(' ', number.Length)} | {new string(' ', Columns(text[from..before]))}^";
    }

    private static int Columns(string text) => text.EnumerateRunes().Count();
}
