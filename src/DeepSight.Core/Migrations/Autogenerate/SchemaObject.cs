namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>One thing of a schema as the catalogue has it: a table, but also a column, a default, a comment, a grant.</summary>
/// <param name="identity">As SQL writes it, qualified; unique within its kind.</param>
/// <param name="facts">What its SQL is made of beside its properties; equal or not, they are no difference.</param>
/// <param name="properties">What is compared. Those that are null in the catalogue are missing.</param>
internal sealed class SchemaObject(
    ObjectKind kind, string identity, IReadOnlyDictionary<string, string> facts, IReadOnlyDictionary<string, string> properties)
{
    public ObjectKind Kind => kind;

    public string Identity => identity;

    /// <summary>The same in every model.</summary>
    public string Key { get; } = $"{kind.Name} {identity}";

    /// <summary>What it is a part of; null for what stands by itself.</summary>
    public SchemaObject? Parent { get; init; }

    /// <summary>What must be there before it: its parent, and what pg_depend says.</summary>
    public HashSet<SchemaObject> DependsOn { get; } = [];

    /// <summary>Of those the ones whose DROP takes it along.</summary>
    public HashSet<SchemaObject> GoesWith { get; } = [];

    /// <summary>What depends on it directly.</summary>
    public HashSet<SchemaObject> Users { get; } = [];

    /// <summary>Made by its parent's CREATE where both are new.</summary>
    public bool IsPart => kind.IsPart && Fact("apart") != "true";

    /// <summary>A partition's or child table's share of what its parent has: the parent's statements make, change and drop it.</summary>
    public bool IsInherited => Fact("inherited") == "true";

    /// <summary>The names it takes among the relations of its schema.</summary>
    public IEnumerable<string> Names => [Identity, .. Fact("takes") is { Length: > 0 } also ? [also] : Array.Empty<string>()];

    /// <summary>A property; empty where it has none.</summary>
    public string this[string property] => properties.GetValueOrDefault(property, "");

    public bool Is(string property) => this[property] == "true";

    public string Fact(string name) => facts.GetValueOrDefault(name, "");

    /// <summary>For people: <c>column public.users.email</c>.</summary>
    public override string ToString() => Key;

    /// <summary>The names of the properties that differ.</summary>
    public IEnumerable<string> DifferencesTo(SchemaObject other) =>
        properties.Keys.Union(other.PropertyNames).Where(property => this[property] != other[property]);

    private IEnumerable<string> PropertyNames => properties.Keys;
}
