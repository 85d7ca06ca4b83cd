using DeepSight.Core.Migrations.Autogenerate.Kinds;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>
/// Spreads a difference over revisions: what must be committed before something else can use it, what can't run in a transaction, and,
/// unless the short form is wanted, what would hold a lock for as long as a table is read.
/// </summary>
internal sealed class ChangeStages
{
    private readonly SchemaDifference difference;
    private readonly bool isShort;
    private readonly Dictionary<SchemaChange, ChangeParts> parts = [];
    private readonly ILookup<SchemaChange, SchemaChange> followers;
    private readonly IReadOnlyList<(SchemaChange Change, IReadOnlyList<string> Labels)> labels;

    private ChangeStages(SchemaDifference difference, bool isShort)
    {
        (this.difference, this.isShort) = (difference, isShort);
        followers = difference.Steps.SelectMany(step => step.Needs.Select(needed => (needed, step))).ToLookup(pair => pair.needed, pair => pair.step);
        labels = [.. difference.Changes.Select(change => (change, Types.AddedLabels(change))).Where(pair => pair.Item2.Count > 0)];
    }

    /// <param name="isShort">The short form: one revision wherever PostgreSQL allows it.</param>
    /// <returns>In the order in which they run, each a revision; none where nothing differs.</returns>
    public static IReadOnlyList<ChangeStage> Of(SchemaDifference difference, bool isShort)
    {
        var stages = new ChangeStages(difference, isShort);
        foreach (var step in difference.Steps) stages.parts[step] = stages.PartsOf(step);
        foreach (var step in difference.Steps) stages.Place(step);
        // What is dropped to be made again isn't to be missed for longer than it must.
        foreach (var step in difference.Steps.Reverse()) stages.Delay(step);
        return stages.Written();
    }

    private ChangeParts PartsOf(SchemaChange step)
    {
        if (isShort || step.Statements.Count == 0) return ChangeParts.Of(step.Statements);

        var changed = step.Object;
        return (step.Kind, changed.Kind) switch
        {
            (ChangeKind.Alter, var kind) when kind == Columns.Column && changed.Parent!.Kind == Tables.Table => SafeForms.NotNull(changed, step.Statements),
            (ChangeKind.Create, var kind) when kind == Constraints.Index && IsOnKeptTable(changed) => IndexParts(step),
            (ChangeKind.Drop, var kind) when kind == Constraints.Index && !Tables.IsPartitioned(changed.Parent!) => SafeForms.DropIndex(changed),
            (ChangeKind.Create, var kind) when kind == Constraints.ForeignKey && IsOnKeptTable(changed) && !Tables.IsPartitioned(changed.Parent!) => SafeForms.Validated(changed, step.Statements),
            (ChangeKind.Create, var kind) when kind == Constraints.Constraint && IsOnKeptTable(changed) =>
                changed["definition"].StartsWith("CHECK", StringComparison.Ordinal) ? SafeForms.Validated(changed, step.Statements)
                : SafeForms.IsBuiltAsIndex(changed) ? SafeForms.FromIndex(changed, Absorbed(step)) : ChangeParts.Of(step.Statements),
            _ => ChangeParts.Of(step.Statements),
        };
    }

    private ChangeParts IndexParts(SchemaChange step)
    {
        if (!Tables.IsPartitioned(step.Object.Parent!)) return SafeForms.NewIndex(step.Object, step.Statements, Absorbed(step).Count > 0);

        var tree = difference.To.Objects.Where(index => index.Kind == Constraints.Index).ToLookup(index => index["attached"]);
        var children = Below(step.Object).ToList();
        return children.All(child => difference.From.Find(child.Key) is null && IsOnKeptTable(child))
            ? SafeForms.LeafByLeaf(step.Statements, children.Where(child => !Tables.IsPartitioned(child.Parent!))) : ChangeParts.Of(step.Statements);

        IEnumerable<SchemaObject> Below(SchemaObject index) => tree[index.Identity].SelectMany(child => Below(child).Prepend(child));
    }

    /// <summary>The statements that drop what this step makes again, where nothing else waits for them: the new one is built beside the old.</summary>
    private IReadOnlyList<string> Absorbed(SchemaChange create)
    {
        if (difference.Steps.FirstOrDefault(step => step.Kind == ChangeKind.Drop && step.Object.Key == create.Object.Key) is not { Statements.Count: > 0 } drop
            || followers[drop].Any(step => step != create && !Columns.KeepsType(step))) return [];

        parts[drop] = ChangeParts.Of([]);
        return drop.Statements;
    }

    private bool IsOnKeptTable(SchemaObject part) => part.Parent is { } table && difference.Keeps(table) && table.Kind != Tables.ForeignTable;

    private void Place(SchemaChange step)
    {
        var needsAll = step.Object["definition"].StartsWith("PRIMARY KEY", StringComparison.Ordinal);
        var level = step.Needs.Select(needed => needsAll ? parts[needed].End : parts[needed].Ready).Append(0).Max();
        // A label can be used once the transaction that adds it has ended.
        foreach (var (added, names) in labels.Where(pair => pair.Change != step && parts[pair.Change].IsPlaced))
            if (step.Statements.Any(statement => names.Any(label => statement.Contains(label, StringComparison.Ordinal))))
                level = Math.Max(level, parts[added].End + 2);
        parts[step].Place(level);
    }

    private void Delay(SchemaChange step)
    {
        if (step.Kind != ChangeKind.Drop || step.Statements.Count == 0 || difference.To.Find(step.Object.Key) is null) return;

        var others = followers[step].Select(other => parts[other].Begin).ToList();
        if (others.Count > 0) parts[step].Delay(others.Min());
    }

    private List<ChangeStage> Written()
    {
        var stages = new List<ChangeStage>();
        var placed = difference.Steps.SelectMany(step => parts[step].All.Select(part => (step, part))).Where(pair => pair.part.Statements.Count > 0);
        foreach (var level in placed.GroupBy(pair => pair.part.Level).OrderBy(level => level.Key))
            stages.AddRange(level.Key % 2 == 0
                ? [new ChangeStage([.. level.Select(pair => new StagedStatements(pair.step, pair.part.Statements, parts[pair.step].All.First(part => part.Statements.Count > 0) == pair.part))], true)]
                : level.SelectMany(pair => pair.part.Statements.Select(statement => new ChangeStage([new StagedStatements(pair.step, [statement], false)], false))));
        return stages;
    }
}

/// <summary>What is one revision.</summary>
/// <param name="InTransaction">False: it holds one statement.</param>
internal sealed record ChangeStage(IReadOnlyList<StagedStatements> Content, bool InTransaction)
{
    /// <summary>The changes that begin here.</summary>
    public IEnumerable<SchemaChange> Changes => Content.Where(staged => staged.Begins).Select(staged => staged.Change);
}

/// <summary>Statements of one change.</summary>
internal sealed record StagedStatements(SchemaChange Change, IReadOnlyList<string> Statements, bool Begins);

/// <summary>The parts of one change, from the first to the last. A level is a place in the chain: even ones are transactions, odd ones are not.</summary>
internal sealed class ChangeParts(params IReadOnlyList<ChangePart> all)
{
    public IReadOnlyList<ChangePart> All => all;

    public int Begin => all[0].Level;

    public int End => all[^1].Level;

    /// <summary>From where on others can use what it makes: that rows are looked through later does not keep them waiting.</summary>
    public int Ready => all.TakeWhile(part => part.Runs != PartRuns.Later).Last().Level;

    public bool IsPlaced { get; private set; }

    public static ChangeParts Of(IReadOnlyList<string> statements) => new(new ChangePart(PartRuns.Together, statements));

    public void Place(int level)
    {
        foreach (var part in all)
        {
            level = part.Runs switch
            {
                PartRuns.Together => level + (level % 2),
                PartRuns.Alone => level + 1 - (level % 2),
                _ => level + (level % 2) + 2,
            };
            part.Level = level;
        }

        IsPlaced = true;
    }

    public void Delay(int level)
    {
        if (all is [{ Runs: PartRuns.Together } only]) only.Level = Math.Max(only.Level, level - (level % 2));
    }
}

/// <summary>Statements that run together.</summary>
internal sealed class ChangePart(PartRuns runs, params IReadOnlyList<string> statements)
{
    public PartRuns Runs => runs;

    public IReadOnlyList<string> Statements => statements;

    public int Level { get; set; }
}

/// <summary>How a part of a change runs.</summary>
internal enum PartRuns
{
    /// <summary>In a transaction with others.</summary>
    Together,

    /// <summary>In a transaction after the one of the part before it: locks of that one are gone.</summary>
    Later,

    /// <summary>Each statement outside a transaction.</summary>
    Alone,
}
