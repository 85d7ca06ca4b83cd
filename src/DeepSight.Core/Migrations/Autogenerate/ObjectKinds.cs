using DeepSight.Core.Migrations.Autogenerate.Kinds;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>The kinds that are modelled.</summary>
internal static class ObjectKinds
{
    /// <summary>Parents before their parts. Where nothing else decides, what is made is made in this order.</summary>
    public static IReadOnlyList<ObjectKind> All { get; } =
    [
        Namespaces.Schema, Namespaces.Extension,
        Language.Collation, Language.Dictionary, Language.Configuration, Types.Enum, Types.Domain, Types.DomainConstraint, Types.Composite, Types.Range,
        Sequences.Sequence,
        Tables.Table, Tables.Inheritance, Columns.Column, Sequences.Ownership,
        Routines.Routine, Language.Aggregate,
        Constraints.Constraint, Constraints.ForeignKey,
        Views.View, Columns.Default, Views.MaterializedView, Constraints.Index, Constraints.Statistics,
        Behaviour.Rule, Behaviour.Trigger, Behaviour.Policy, Language.EventTrigger,
        Notes.Comment, Notes.Grant, Notes.DefaultGrant,
    ];

    private static readonly Dictionary<ObjectKind, int> Order = All.Select((kind, at) => (kind, at)).ToDictionary(pair => pair.kind, pair => pair.at);

    public static int OrderOf(ObjectKind kind) => Order[kind];
}
