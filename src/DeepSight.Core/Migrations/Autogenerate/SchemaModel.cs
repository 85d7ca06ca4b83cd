namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>The schema of a database, read from its catalogue: PostgreSQL's own words for it, and nothing of its data.</summary>
internal sealed class SchemaModel
{
    private readonly Dictionary<string, SchemaObject> byKey = new(StringComparer.Ordinal);
    private readonly Dictionary<SchemaObject, int> positions = [];
    private readonly List<string> notModelled = [];

    public static SchemaModel Empty { get; } = new();

    /// <summary>In the order of their kinds, and within a kind as they were made.</summary>
    public IReadOnlyCollection<SchemaObject> Objects => byKey.Values;

    /// <summary>What is there and can't be compared.</summary>
    public IReadOnlyList<string> NotModelled => notModelled;

    /// <summary>Its place among <see cref="Objects"/>.</summary>
    public int PositionOf(SchemaObject of) => positions[of];

    public void Add(SchemaObject found)
    {
        if (!byKey.TryAdd(found.Key, found)) throw new InvalidOperationException($"There are two of {found}.");
        positions.Add(found, positions.Count);
    }

    public void AddNotModelled(string name) => notModelled.Add(name);

    public SchemaObject? Find(string key) => byKey.GetValueOrDefault(key);

    /// <summary>The same but for some objects, and for what is part of them or goes with them.</summary>
    public SchemaModel Without(Func<SchemaObject, bool> isLeftOut)
    {
        var gone = new HashSet<SchemaObject>();
        var waiting = new Queue<SchemaObject>(Objects.Where(isLeftOut));
        while (waiting.TryDequeue(out var left))
            if (gone.Add(left))
                foreach (var user in left.Users.Where(user => user.Parent == left || user.GoesWith.Contains(left)))
                    waiting.Enqueue(user);

        var model = new SchemaModel();
        foreach (var found in Objects.Where(found => !gone.Contains(found))) model.Add(found);
        model.notModelled.AddRange(notModelled);
        return model;
    }

    /// <summary>What differs, for people; none when both are the same schema.</summary>
    /// <param name="here">What this one is called.</param>
    /// <param name="there">What the other is called.</param>
    public IEnumerable<string> DifferencesTo(SchemaModel other, string here, string there) =>
    [
        .. Objects.Where(found => other.Find(found.Key) is null).Select(found => $"{found} is only {here}"),
        .. other.Objects.Where(found => Find(found.Key) is null).Select(found => $"{found} is only {there}"),
        .. from found in Objects let second = other.Find(found.Key) where second is not null from property in found.DifferencesTo(second)
           select $"{found}: {property} is '{found[property]}' {here} and '{second[property]}' {there}",
        .. NotModelled.Except(other.NotModelled).Select(name => $"{name} is only {here}"),
        .. other.NotModelled.Except(NotModelled).Select(name => $"{name} is only {there}"),
    ];
}
