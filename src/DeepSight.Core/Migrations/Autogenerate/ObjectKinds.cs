using DeepSight.Core.Migrations.Autogenerate.Kinds;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>The kinds that are modelled.</summary>
internal static class ObjectKinds
{
    /// <summary>Parents before their parts. Where nothing else decides, what is made is made in this order.</summary>
    public static IReadOnlyList<ObjectKind> All { get; } =
    [
        Namespaces.Schema, Namespaces.Extension, Programming.Language, Programming.AccessMethod, ForeignData.Wrapper, ForeignData.Server, ForeignData.UserMapping,
        Language.Collation, Language.Parser, Language.Template, Language.Dictionary, Language.Configuration, Types.Enum, Types.Domain, Types.DomainConstraint, Types.Composite, Types.Range,
        Sequences.Sequence,
        Tables.Table, Tables.ForeignTable, Tables.Inheritance, Columns.Column, Sequences.Ownership,
        Routines.Routine, Language.Aggregate, Programming.Cast, Programming.Transform, Programming.Conversion, Operators.Operator, Operators.Family, Operators.Class,
        Constraints.Constraint, Constraints.ForeignKey,
        Views.View, Columns.Default, Views.MaterializedView, Constraints.Index, Constraints.Statistics, Tables.ReplicaIdentity, Tables.Cluster,
        Behaviour.Rule, Behaviour.Trigger, Behaviour.Policy, Language.EventTrigger, Publications.Publication, Publications.Table, Publications.Schema,
        Notes.Comment, Notes.Grant, Notes.DefaultGrant,
    ];

    private static readonly Dictionary<ObjectKind, int> Order = All.Select((kind, at) => (kind, at)).ToDictionary(pair => pair.kind, pair => pair.at);

    public static int OrderOf(ObjectKind kind) => Order[kind];
}
