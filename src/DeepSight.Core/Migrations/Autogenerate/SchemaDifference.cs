using DeepSight.Core.Migrations.Autogenerate.Kinds;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>What has to be done so that one schema becomes another, in an order in which PostgreSQL takes it.</summary>
internal sealed class SchemaDifference
{
    private readonly SchemaModel from;
    private readonly SchemaModel to;

    /// <summary>In both schemas, and yet dropped and made again: it can't be changed in place, or stands in the way of what can.</summary>
    private readonly HashSet<string> replaced = new(StringComparer.Ordinal);

    /// <summary>Parts that are made or dropped by themselves, since together with their parents no order would hold.</summary>
    private readonly HashSet<string> apart = new(StringComparer.Ordinal);

    private SchemaDifference(SchemaModel from, SchemaModel to) => (this.from, this.to) = (from, to);

    /// <summary>What was.</summary>
    public SchemaModel From => from;

    /// <summary>What is to be.</summary>
    public SchemaModel To => to;

    /// <summary>Each after those it needs, also where it has no statement of its own; none when the schemas are equal.</summary>
    public IReadOnlyList<SchemaChange> Steps { get; private set; } = [];

    /// <summary>Those of <see cref="Steps"/> that have statements.</summary>
    public IEnumerable<SchemaChange> Changes => Steps.Where(step => step.Statements.Count > 0);

    /// <summary>Whether an object is there before and after, and all the time between.</summary>
    public bool Keeps(SchemaObject of) => from.Find(of.Key) is not null && to.Find(of.Key) is not null && !replaced.Contains(of.Key);

    /// <exception cref="DeepSightException">No order holds.</exception>
    public static SchemaDifference Between(SchemaModel from, SchemaModel to)
    {
        var difference = new SchemaDifference(from, to);
        difference.Replace();
        difference.Detach();
        while (true)
        {
            var changes = difference.Plan();
            var sorted = ChangeOrder.Sort(changes, out var circle);
            if (circle.Count == 0)
            {
                difference.Steps = sorted;
                return difference;
            }

            difference.Break(circle);
        }
    }

    /// <summary>Finds what can't be changed in place, and all that depends on it.</summary>
    private void Replace()
    {
        foreach (var old in from.Objects)
        {
            // What it was made with goes, and something else takes that one's place.
            if (to.Find(old.Key) is null)
                foreach (var dependent in old.Users.Where(dependent => !dependent.Kind.HoldsData && dependent.Kind != Tables.Inheritance && !dependent.IsInherited && to.Find(dependent.Key) is { } same && !dependent.DifferencesTo(same).Any()))
                    Replace(dependent);

            if (to.Find(old.Key) is { } now && old.DifferencesTo(now).ToList() is { Count: > 0 } differences && !(old.IsInherited && now.IsInherited))
            {
                if (InPlace(old, now) is null) Replace(old);
                else foreach (var property in differences)
                    foreach (var dependent in old.Kind.Alter[property].Displaces(old, now))
                        Replace(dependent);
            }
        }
    }

    private void Replace(SchemaObject old)
    {
        if (!replaced.Add(old.Key)) return;
        // A column that follows its parent's doesn't part the tables.
        foreach (var dependent in old.Users.Where(dependent => !(old.IsInherited && dependent.Kind == Tables.Inheritance))) Replace(dependent);
    }

    /// <summary>PostgreSQL drops no partition of a table that a foreign key points at; it detaches one.</summary>
    private void Detach()
    {
        var pointedAt = from.Objects.Where(old => old.Kind == Constraints.ForeignKey && Keeps(old)).Select(key => key.Fact("points_at")).ToHashSet();
        foreach (var partition in from.Objects.Where(old => old.Kind == Tables.Inheritance && old["bound"].Length > 0 && !Keeps(old.Parent!)))
            if (Above(partition).Any(table => pointedAt.Contains(table.Identity))) apart.Add(partition.Key);

        IEnumerable<SchemaObject> Above(SchemaObject partition) => partition.DependsOn.Where(table => table != partition.Parent && table.Kind == Tables.Table)
            .SelectMany(table => table.Users.Where(user => user.Kind == Tables.Inheritance && user.Parent == table).SelectMany(Above).Prepend(table));
    }

    private List<string>? InPlace(SchemaObject old, SchemaObject now)
    {
        var statements = new List<string>();
        foreach (var property in old.DifferencesTo(now))
        {
            if (!old.Kind.Alter.TryGetValue(property, out var alteration) || alteration.Sql(old, now, Keeps) is not { } sql) return null;
            statements.AddRange(sql.Where(statement => statement.Length > 0));
        }

        return [.. statements.Distinct()];
    }

    private List<SchemaChange> Plan()
    {
        var drops = from.Objects.Where(old => to.Find(old.Key) is null || replaced.Contains(old.Key)).ToDictionary(old => old, old => new SchemaChange(ChangeKind.Drop, old));
        var creates = to.Objects.Where(now => from.Find(now.Key) is null || replaced.Contains(now.Key)).ToDictionary(now => now, now => new SchemaChange(ChangeKind.Create, now));
        var alters = new List<SchemaChange>();
        foreach (var old in from.Objects.Where(old => !drops.ContainsKey(old)))
            if (to.Find(old.Key) is { } now && !(old.IsInherited && now.IsInherited) && InPlace(old, now) is { Count: > 0 } statements)
                alters.Add(new SchemaChange(ChangeKind.Alter, now) { Old = old, Statements = statements });

        foreach (var (now, change) in creates)
            if (now.IsPart && now.Parent is { } parent && creates.TryGetValue(parent, out var whole) && !apart.Contains(now.Key)) change.JoinedTo = whole;
        foreach (var (now, change) in creates.Where(pair => pair.Value.JoinedTo is null && !pair.Key.IsInherited))
            change.Statements = [.. now.Kind.Create(now, PartsOf)];
        foreach (var (old, change) in drops)
            if (!apart.Contains(old.Key) && Whole(old) is { } whole) change.JoinedTo = drops[whole];
            else if (!old.IsInherited) change.Statements = [.. old.Kind.Drop(old)];

        var all = drops.Values.Concat(alters).Concat(creates.Values).ToList();
        foreach (var change in all) change.Position = Position(change);
        Link(drops, creates, alters);
        return all;

        IReadOnlyList<SchemaObject> PartsOf(SchemaObject whole) =>
            [.. whole.Users.Where(part => part.Parent == whole && creates.TryGetValue(part, out var change) && change.JoinedTo is not null).OrderBy(PartPosition)];

        SchemaObject? Whole(SchemaObject old) => old.Parent is { } parent && drops.ContainsKey(parent) ? parent : old.GoesWith.FirstOrDefault(drops.ContainsKey);

        (int, int) PartPosition(SchemaObject part) => (ObjectKinds.OrderOf(part.Kind), to.PositionOf(part));
        (int, int, int) Position(SchemaChange change) => change.Kind == ChangeKind.Drop
            ? (0, -ObjectKinds.OrderOf(change.Object.Kind), -from.PositionOf(change.Object))
            : (1, ObjectKinds.OrderOf(change.Object.Kind), to.PositionOf(change.Object));
    }

    /// <summary>Drops by the old dependencies, creations by the new ones, alterations between them by both.</summary>
    private static void Link(Dictionary<SchemaObject, SchemaChange> drops, Dictionary<SchemaObject, SchemaChange> creates, List<SchemaChange> alters)
    {
        var altered = alters.ToDictionary(change => change.Object.Key, StringComparer.Ordinal);
        var created = creates.Values.ToDictionary(change => change.Object.Key, StringComparer.Ordinal);
        foreach (var (old, drop) in drops)
        {
            if (created.TryGetValue(old.Key, out var again)) again.After(drop);
            foreach (var needed in old.DependsOn)
                // What is changed of a table itself has nothing to do with its columns.
                if (drops.TryGetValue(needed, out var later) || (altered.TryGetValue(needed.Key, out later) && old.Kind != Columns.Column)) later.After(drop);
        }

        foreach (var (now, create) in creates)
            foreach (var needed in now.DependsOn)
                if (creates.TryGetValue(needed, out var earlier) || altered.TryGetValue(needed.Key, out earlier)) create.After(earlier);

        foreach (var alter in alters)
        {
            foreach (var needed in alter.Object.DependsOn.Where(needed => !IsFollowing(alter, needed)))
                if (creates.TryGetValue(needed, out var earlier) || altered.TryGetValue(needed.Key, out earlier)) alter.After(earlier);
            foreach (var needed in alter.Old!.DependsOn.Where(needed => !IsFollowing(alter, needed)))
                if (drops.TryGetValue(needed, out var later) || (altered.TryGetValue(needed.Key, out later) && !alter.Object.DependsOn.Contains(later.Object))) later.After(alter);
        }

        // A name must be free before something else can take it.
        var freed = drops.Values.Concat(alters).SelectMany(change => (change.Old ?? change.Object).Names.Select(name => (name, change))).ToLookup(pair => pair.name, pair => pair.change);
        foreach (var taker in creates.Values.Concat(alters))
            foreach (var change in taker.Object.Names.SelectMany(name => freed[name]))
                if (change.Object.Key != taker.Object.Key && !(change.Kind == ChangeKind.Alter && change.Object.Names.Intersect(taker.Object.Names).Any()))
                    taker.After(change);
    }

    /// <summary>A partition that is detached and attached again in one step has its parent's columns before and after, whatever becomes of those.</summary>
    private static bool IsFollowing(SchemaChange alter, SchemaObject needed) => alter.Object.Kind == Tables.Inheritance && needed.IsInherited;

    /// <summary>Takes a circle apart where it can be: a part is made by itself, or what would be changed is dropped and made again.</summary>
    private void Break(IReadOnlyList<SchemaChange> circle)
    {
        var joined = circle.Where(change => change.JoinedTo is not null && change.Object.Kind is { StandsAlone: true } && change.Object.Parent is not null && apart.Add(change.Object.Key)).ToList();
        if (joined.Count > 0) return;
        if (circle.FirstOrDefault(change => change.Kind == ChangeKind.Alter && !change.Object.Kind.HoldsData) is { } alter)
        {
            Replace(alter.Old!);
            return;
        }

        throw new DeepSightException(FailureKind.Failed, $"No order holds for these changes: {string.Join(", ", circle.Select(change => change.Object.Key).Distinct())}.",
            "make the change in two steps, with a revision for each.");
    }
}
