using System.Text;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>Changes as the text of a file.</summary>
internal static class ChangeText
{
    public static string Of(ChangeStage stage) => stage.InTransaction
        ? Of(stage.Content.Select(staged => (staged.Change, staged.Statements)))
        : $"-- transaction: off\n\n{stage.Content[0].Statements[0]};\n";

    public static string Of(IEnumerable<SchemaChange> changes) => Of(changes.Select(change => (change, change.Statements)));

    public static string Up(IReadOnlyList<SchemaRename> renames) => string.Concat(renames.Select(rename => rename.Up + ";\n"));

    public static string Down(IReadOnlyList<SchemaRename> renames) => string.Concat(renames.Reverse().Select(rename => rename.Down + ";\n"));

    private static string Of(IEnumerable<(SchemaChange Change, IReadOnlyList<string> Statements)> changes)
    {
        var content = changes.ToList();
        var sql = new StringBuilder();
        // A body may name what is made after it.
        if (content.Exists(part => part.Change.Kind != ChangeKind.Drop && part.Change.Object.Fact("unchecked") == "true")) sql.Append("SET LOCAL check_function_bodies = off;\n\n");
        foreach (var (_, statements) in content)
        {
            foreach (var statement in statements) sql.Append(statement).Append(";\n");
            if (statements.Any(statement => statement.Contains('\n'))) sql.Append('\n');
        }

        return sql.ToString().TrimEnd('\n') is { Length: > 0 } text ? text + "\n" : "";
    }
}
