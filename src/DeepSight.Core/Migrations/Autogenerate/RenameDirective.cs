using System.Text.RegularExpressions;
using DeepSight.Core.Migrations.Files;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>
/// <c>-- renamed from: old</c> in a declared file: behind the line of a column, constraint or label, or on the line above what it renames.
/// Once the rename is in the migrations it says nothing any more, and may stay.
/// </summary>
/// <param name="Old">As in <see cref="SchemaRename.Of"/>: <c>users.mail</c>.</param>
/// <param name="New">In full: <c>users.email</c>.</param>
/// <param name="Place">For people: <c>schema/users.sql, line 3</c>.</param>
internal sealed partial record RenameDirective(string Old, string New, string Place)
{
    private static readonly string[] Kinds = ["table", "view", "type", "domain", "sequence", "index"];

    /// <exception cref="DeepSightException">It stands where nothing has a name.</exception>
    public static IEnumerable<RenameDirective> In(MigrationScript file)
    {
        var lines = file.Text.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
            if (Directive().Match(lines[i]) is { Success: true } found)
            {
                var code = lines[i][..found.Index].Trim() is { Length: > 0 } before ? before : lines.Skip(i + 1).FirstOrDefault(line => !line.TrimStart().StartsWith("--", StringComparison.Ordinal) && line.Trim().Length > 0) ?? "";
                var statement = file.Statements.LastOrDefault(statement => statement.Line <= i + 1);
                if (statement is not null && statement.Line + statement.Text.Count(letter => letter == '\n') < i + 1) statement = null;
                yield return Of(new StatementWords(code), code, statement is null ? null : new StatementWords(statement.Text), found.Groups[1].Value, $"{file.Display}, line {i + 1}");
            }
    }

    /// <returns>Null where it was done already.</returns>
    /// <exception cref="DeepSightException">Both names are there, or neither is.</exception>
    public SchemaRename? In(SchemaModel model) => (SchemaRename.Has(model, Old), SchemaRename.Has(model, New)) switch
    {
        (true, false) => SchemaRename.Of(model, $"{Old}={New[(New.LastIndexOf('.') + 1)..]}"),
        (false, true) => null,
        (true, true) => throw new DeepSightException(FailureKind.InvalidInput, $"{Place}: the migrations make both {Old} and {New}; neither can be renamed.", "take the directive out."),
        _ => throw new DeepSightException(FailureKind.InvalidInput, $"{Place}: the migrations make neither {Old} nor {New}.", "mend the name, or take the directive out: for something new there is none."),
    };

    private static RenameDirective Of(StatementWords words, string code, StatementWords? statement, string old, string place)
    {
        if (words.Starts("create") && Made(words) is { } made) return new RenameDirective(Beside(made, old), made, place);

        var owner = statement is null ? null : statement.Starts("alter", "table") ? statement.Name(statement.Skip(statement.Skip(2, "if", "exists"), "only")).Name : Made(statement);
        var at = words.Starts("alter", "table") ? Math.Max(words.Find(0, "add"), 0) + 1 : words.Skip(0, "add");
        at = words.Skip(words.Skip(at, "constraint"), "column");
        var name = code.StartsWith('\'') ? code[1..Math.Max(code.IndexOf('\'', 1), 1)] : words.Name(at).Name;
        return owner is not null && name is { Length: > 0 } ? new RenameDirective($"{owner}.{old}", $"{owner}.{name}", place)
            : throw new DeepSightException(FailureKind.InvalidInput, $"{place}: nothing that has a name stands here for '-- renamed from: {old}'.",
                "put it behind the line of a column, constraint or label, or on the line above a CREATE; or use --rename.");
    }

    /// <summary>What a CREATE makes, in full where it says so.</summary>
    private static string? Made(StatementWords words)
    {
        var kind = Enumerable.Range(1, 5).FirstOrDefault(at => Kinds.Contains(words[at]));
        var name = kind == 0 ? null : words.Name(words.Skip(words.Skip(kind + 1, "concurrently"), "if", "not", "exists")).Name;
        // An index lies where its table does.
        return name is not null && words[kind] == "index" && words.Name(words.Skip(words.Find(kind, "on") + 1, "only")).Name is { } table ? Beside(table, name) : name;
    }

    private static string Beside(string qualified, string name) => qualified.LastIndexOf('.') is > 0 and var dot ? $"{qualified[..dot]}.{name}" : name;

    [GeneratedRegex(@"--\s*renamed from:\s*(\S+)\s*$")]
    private static partial Regex Directive();
}
