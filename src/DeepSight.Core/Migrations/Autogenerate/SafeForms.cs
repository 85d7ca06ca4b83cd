using DeepSight.Core.Migrations.Autogenerate.Kinds;
using DeepSight.Core.Migrations.Linting;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>
/// The forms that <see cref="LintRules"/> asks for: nobody waits while a table is read. They are for tables that were there before.
/// </summary>
internal static class SafeForms
{
    /// <summary>A check that isn't looked at yet, then the look at every row, then NOT NULL, which believes the check.</summary>
    public static ChangeParts NotNull(SchemaObject column, IReadOnlyList<string> statements)
    {
        var (table, name, check) = (column.Fact("table"), column.Fact("name"), column.Fact("check"));
        var at = statements.ToList().FindIndex(statement => statement.EndsWith($" {name} SET NOT NULL", StringComparison.Ordinal));
        return at < 0 ? ChangeParts.Of(statements) : new ChangeParts(
            new ChangePart(PartRuns.Together, [.. statements.Take(at), $"ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({name} IS NOT NULL) NOT VALID"]),
            new ChangePart(PartRuns.Later, [$"ALTER TABLE {table} VALIDATE CONSTRAINT {check}", statements[at], $"ALTER TABLE {table} DROP CONSTRAINT {check}", .. statements.Skip(at + 1)]));
    }

    /// <summary>A foreign key or a check.</summary>
    public static ChangeParts Validated(SchemaObject constraint, IReadOnlyList<string> statements) =>
        constraint["valid"] == "false" || constraint["enforced"] == "false" ? ChangeParts.Of(statements) : new ChangeParts(
            new ChangePart(PartRuns.Together, [$"{statements[0]} NOT VALID", .. statements.Skip(1)]),
            new ChangePart(PartRuns.Later, $"ALTER TABLE {constraint.Parent!.Identity} VALIDATE CONSTRAINT {constraint.Fact("name")}"));

    /// <summary>Whether its index can be built first.</summary>
    public static bool IsBuiltAsIndex(SchemaObject constraint) => constraint["definition"] is var definition && !Tables.IsPartitioned(constraint.Parent!)
        && (definition.StartsWith("UNIQUE", StringComparison.Ordinal) || definition.StartsWith("PRIMARY KEY", StringComparison.Ordinal))
        && !definition.Contains("WITHOUT OVERLAPS", StringComparison.Ordinal);

    /// <param name="drop">Drops the one of the same name; empty where there is none, or it is gone already.</param>
    public static ChangeParts FromIndex(SchemaObject constraint, IReadOnlyList<string> drop)
    {
        var (name, index) = (constraint.Fact("name"), constraint.Fact(drop.Count > 0 ? "beside" : "name"));
        var kind = constraint["definition"].StartsWith("UNIQUE", StringComparison.Ordinal) ? "UNIQUE" : "PRIMARY KEY";
        return new ChangeParts(
            new ChangePart(PartRuns.Alone, Concurrently(constraint.Fact("index"), name, index)),
            new ChangePart(PartRuns.Together, [.. drop, $"ALTER TABLE {constraint.Parent!.Identity} ADD CONSTRAINT {name} {kind} USING INDEX {index}{Types.With(" ", constraint["deferrable"])}"]));
    }

    /// <param name="isBeside">There is one of the same name until this one is built.</param>
    public static ChangeParts NewIndex(SchemaObject index, IReadOnlyList<string> statements, bool isBeside)
    {
        var (name, beside) = (index.Fact("name"), index.Fact("beside"));
        return !isBeside
            ? new ChangeParts(new ChangePart(PartRuns.Alone, Concurrently(statements[0], name, name)), new ChangePart(PartRuns.Together, [.. statements.Skip(1)]))
            : new ChangeParts(
                new ChangePart(PartRuns.Alone, Concurrently(statements[0], name, beside), $"DROP INDEX CONCURRENTLY {index.Identity}"),
                new ChangePart(PartRuns.Together, [$"ALTER INDEX {index.Fact("schema")}.{beside} RENAME TO {name}", .. statements.Skip(1)]));
    }

    public static ChangeParts DropIndex(SchemaObject index) => new(new ChangePart(PartRuns.Alone, $"DROP INDEX CONCURRENTLY {index.Identity}"));

    /// <summary>An index of a partitioned table can't be built CONCURRENTLY: those of its leaves can, and it takes over what is there.</summary>
    public static ChangeParts LeafByLeaf(IReadOnlyList<string> statements, IEnumerable<SchemaObject> leaves) => new(
        new ChangePart(PartRuns.Alone, [.. leaves.Select(leaf => Concurrently(leaf.Fact("sql"), leaf.Fact("name"), leaf.Fact("name")))]),
        new ChangePart(PartRuns.Together, [$"-- lint: allow {LintRules.IndexNotConcurrent.Name}: it takes over the indexes that the partitions have\n{statements[0]}", .. statements.Skip(1)]));

    private static string Concurrently(string sql, string name, string newName) =>
        sql.Replace($"INDEX {name} ON ", $"INDEX CONCURRENTLY {newName} ON ", StringComparison.Ordinal);
}
