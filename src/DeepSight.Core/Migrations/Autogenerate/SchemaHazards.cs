using DeepSight.Core.Migrations.Autogenerate.Kinds;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>What a change does beside changing the schema.</summary>
internal static class SchemaHazards
{
    /// <summary>What no statement brings back.</summary>
    public static IEnumerable<string> Losses(IEnumerable<SchemaChange> changes) =>
        from change in changes
        where change.Kind == ChangeKind.Drop
            ? change.Object.Kind.HoldsData && change.Object["generated"].Length == 0
            : change.Kind == ChangeKind.Alter && change.Object.Kind == Types.Composite && Types.DropsAttributes(change.Old!, change.Object)
        select $"deletes-data {change.Object}";

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

    private static string Content(SchemaObject of) => of.Kind == Columns.Column
        ? $"{of.Fact("table")} {of["type"]}"
        : string.Join(", ", of.Users.Where(part => part.Parent == of && part.Kind == Columns.Column).Select(column => $"{column.Fact("name")} {column["type"]}").Order());
}
