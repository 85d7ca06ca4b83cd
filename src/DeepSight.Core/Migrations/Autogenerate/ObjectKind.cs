namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>A kind of schema object: how it is read from the catalogue, and the SQL that makes, drops and changes it.</summary>
/// <param name="name">For people, and the folder of <c>schema pull</c>.</param>
/// <param name="query">Selects <see cref="CatalogueQuery"/>'s columns.</param>
internal sealed class ObjectKind(string name, string query)
{
    public string Name => name;

    public string Query => query;

    /// <summary>The statements that make it. The second argument gives the parts that are to be made with an object.</summary>
    public required Func<SchemaObject, Func<SchemaObject, IReadOnlyList<SchemaObject>>, IEnumerable<string>> Create { get; init; }

    public required Func<SchemaObject, IEnumerable<string>> Drop { get; init; }

    /// <summary>By property: how it is changed in place. What isn't here, or gives null, is dropped and made again.</summary>
    public IReadOnlyDictionary<string, Alteration> Alter { get; init; } = new Dictionary<string, Alteration>();

    /// <summary>How it is renamed: {0} is its schema or what it is a part of, {1} the name it has, {2} the one it gets. Null where it can't be.</summary>
    public string? Rename { get; init; }

    /// <summary>Made by its parent's CREATE where both are new, unless its fact <c>apart</c> says otherwise.</summary>
    public bool IsPart { get; init; }

    /// <summary>A part that can also be made by itself, should the order need it.</summary>
    public bool StandsAlone { get; init; } = true;

    /// <summary>The oldest major whose catalogue has it.</summary>
    public int FromMajor { get; init; }

    /// <summary>Rows, or a place in a sequence: dropping it loses something that no statement brings back.</summary>
    public bool HoldsData { get; init; }
}

/// <summary>How one property changes in place.</summary>
/// <param name="Sql">From the old and the new object, and of any old one whether it stays all the time; null where this change can't be made in place.</param>
internal sealed record Alteration(Func<SchemaObject, SchemaObject, Func<SchemaObject, bool>, IEnumerable<string>?> Sql)
{
    public Alteration(Func<SchemaObject, SchemaObject, IEnumerable<string>?> sql) : this((old, now, _) => sql(old, now))
    {
    }

    /// <summary>Which of those that depend on the old object stand in the way: they are dropped before the change and made again after it.</summary>
    public Func<SchemaObject, SchemaObject, IEnumerable<SchemaObject>> Displaces { get; init; } = (_, _) => [];

    public static Alteration To(Func<SchemaObject, string?> sql) => new((_, now) => sql(now) is { } statement ? [statement] : null);

    public static Alteration From(Func<SchemaObject, SchemaObject, string?> sql) => new((old, now) => sql(old, now) is { } statement ? [statement] : null);
}
