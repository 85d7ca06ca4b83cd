namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>One step from a schema to another.</summary>
internal sealed class SchemaChange(ChangeKind kind, SchemaObject changed)
{
    private readonly HashSet<SchemaChange> after = [];

    public ChangeKind Kind => kind;

    /// <summary>The new one; of a drop, the one that goes.</summary>
    public SchemaObject Object => changed;

    /// <summary>What an alteration begins with.</summary>
    public SchemaObject? Old { get; init; }

    public IReadOnlyList<string> Statements { get; set; } = [];

    /// <summary>The step whose statements make or drop this as well.</summary>
    public SchemaChange? JoinedTo { get; set; }

    /// <summary>Among steps that may stand in any order.</summary>
    public (int, int, int) Position { get; set; }

    /// <summary>The step that really happens.</summary>
    public SchemaChange Step => JoinedTo is null ? this : JoinedTo.Step;

    public IEnumerable<SchemaChange> Earlier => after;

    /// <summary>The steps that must come before this one: its own and those of what is joined to it.</summary>
    public IReadOnlySet<SchemaChange> Needs { get; set; } = new HashSet<SchemaChange>();

    public void After(SchemaChange other) => after.Add(other);

    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()} {Object}";
}

/// <summary>What happens to an object.</summary>
internal enum ChangeKind
{
    Drop,
    Alter,
    Create,
}
