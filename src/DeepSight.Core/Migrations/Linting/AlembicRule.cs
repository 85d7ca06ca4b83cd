using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Migrations.Graph;

namespace DeepSight.Core.Migrations.Linting;

/// <summary>Statements that write Alembic's own table, as <c>alembic upgrade --sql</c> and <c>downgrade --sql</c> print them.</summary>
internal static class AlembicRule
{
    public static IEnumerable<LintFinding> Check(MigrationFiles files, Revision revision)
    {
        MigrationScript?[] scripts = [files.Up(revision), files.Down(revision)];
        return scripts.OfType<MigrationScript>().SelectMany(
            script => script.Statements
                .Where(statement => WritesVersion(new StatementWords(statement.Text)))
                .Select(statement => new LintFinding(
                    LintRules.AlembicVersion, script.Display, statement.Line, "it writes alembic_version")));
    }

    private static bool WritesVersion(StatementWords words) => TargetOf(words) is { } table
        && (table == "alembic_version" || table.EndsWith(".alembic_version", StringComparison.Ordinal));

    private static string? TargetOf(StatementWords words) => words[0] switch
    {
        "insert" when words.Has(1, "into") => words.Name(2).Name,
        "update" => words.Name(words.Skip(1, "only")).Name,
        "delete" when words.Has(1, "from") => words.Name(words.Skip(2, "only")).Name,
        "truncate" => words.Name(words.Skip(words.Skip(1, "table"), "only")).Name,
        "create" when words.Has(1, "table") => words.Name(words.Skip(2, "if", "not", "exists")).Name,
        "alter" or "drop" when words.Has(1, "table") => words.Name(words.Skip(2, "if", "exists")).Name,
        _ => null,
    };
}
