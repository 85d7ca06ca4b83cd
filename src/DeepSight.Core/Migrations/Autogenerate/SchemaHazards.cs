using DeepSight.Core.Migrations.Autogenerate.Kinds;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>What a change does beside changing the schema.</summary>
internal static class SchemaHazards
{
    /// <summary>What no statement brings back, and what writes a table anew while everybody waits.</summary>
    public static IReadOnlyList<string> Of(SchemaDifference difference) =>
    [
        .. difference.Changes.Where(change => change.Kind == ChangeKind.Drop && change.Object.Kind.HoldsData && change.Object["generated"].Length == 0).Select(change => $"deletes-data {change.Object}"),
        .. Altered(difference, Types.Composite).Where(change => Types.DropsAttributes(change.Old!, change.Object)).Select(change => $"deletes-data {change.Object}"),
        .. Altered(difference, Columns.Column).Where(change => Columns.Rewrites(change.Old!, change.Object)).Select(change => change.Object)
            .Concat(Altered(difference, Types.Enum).Concat(Altered(difference, Types.Domain)).Where(change => Types.MovesColumns(change.Old!, change.Object))
                .SelectMany(change => change.Old!.Users.Where(user => user.Kind == Columns.Column)))
            .Select(column => $"rewrites-table {column.Fact("table")}").Distinct(),
    ];

    /// <summary>A column or table that goes while an equal one comes: nobody but the author knows whether it is the same one.</summary>
    public static IReadOnlyList<string> Renames(SchemaDifference difference)
    {
        var created = difference.Changes.Where(change => change.Kind == ChangeKind.Create).ToList();
        return
        [
            .. from gone in difference.Changes
               where gone.Kind == ChangeKind.Drop && gone.Object.Kind.HoldsData
               from come in created
               where come.Object.Kind == gone.Object.Kind && come.Object.Key != gone.Object.Key && Content(come.Object) == Content(gone.Object)
               select $"{gone.Object} → {come.Object.Identity}",
        ];
    }

    private static IEnumerable<SchemaChange> Altered(SchemaDifference difference, ObjectKind kind) =>
        difference.Changes.Where(change => change.Kind == ChangeKind.Alter && change.Object.Kind == kind);

    private static string Content(SchemaObject of) => of.Kind == Columns.Column
        ? $"{of.Fact("table")} {of["type"]}"
        : string.Join(", ", of.Users.Where(part => part.Parent == of && part.Kind == Columns.Column).Select(column => $"{column.Fact("name")} {column["type"]}").Order());
}
