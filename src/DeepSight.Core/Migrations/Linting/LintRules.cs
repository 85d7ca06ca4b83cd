namespace DeepSight.Core.Migrations.Linting;

/// <summary>
/// All rules. The locking ones follow PostgreSQL's documentation (ALTER TABLE, CREATE INDEX, "Explicit Locking") and hold for tables that
/// exist: on one that the same file creates, nobody waits.
/// </summary>
public static class LintRules
{
    public static LintRule NotRunnable { get; } = new("not-runnable", "A run would refuse the file.", "Do as the message says.") { IsError = true };

    public static LintRule NameOrder { get; } = new("name-order",
        "RoundhousE and grate run files by name: they would run it before what it follows.", "Give it a name that sorts after its parents'.");

    public static LintRule MissingDown { get; } = new("missing-down",
        "`down` stops at it.", "Write the file in down/, or say `-- irreversible: why` at the top of the one in up/.");

    public static LintRule EmptyDown { get; } = new("empty-down",
        "`down` would take it off the journal and leave its work in the schema.", "Undo what the file in up/ does.");

    public static LintRule StrayDown { get; } = new("stray-down", "It undoes nothing: no file in up/ has its name.", "Rename or remove it.");

    public static LintRule EmptyUp { get; } = new("empty-up",
        "`up` counts it as applied, and what is written into it later never runs there.", "Write its SQL before it runs, or remove it.");

    public static LintRule LateHeader { get; } = new("late-header",
        "Only comments above the first statement are headers: this one is not read, and the file may be another revision than it says.",
        "Move it to the top.");

    public static LintRule IndexNotConcurrent { get; } = new("index-not-concurrent",
        "Building the index blocks every write to the table until it is done.",
        "CREATE INDEX CONCURRENTLY, with a name, in a file of its own with `-- transaction: off`.");

    public static LintRule DropIndexNotConcurrent { get; } = new("drop-index-not-concurrent",
        "It waits for every query on the table, and everyone else waits behind it.", "DROP INDEX CONCURRENTLY in a file of its own with `-- transaction: off`.");

    public static LintRule SetNotNull { get; } = new("set-not-null",
        "The whole table is read under a lock that lets nobody in.",
        "First ADD CONSTRAINT … CHECK (column IS NOT NULL) NOT VALID; then, in a later file, VALIDATE CONSTRAINT; then SET NOT NULL, which believes the constraint.");

    public static LintRule TypeRewrite { get; } = new("type-rewrite",
        "Most changes of type rewrite the table and its indexes under a lock that lets nobody in.",
        "Add a column of the new type, keep it filled by a trigger, backfill in steps, then switch. Widening varchar or to text rewrites nothing: accept it.");

    public static LintRule ForeignKeyNotValid { get; } = new("foreign-key-not-valid",
        "Every row is checked while writes to both tables wait.", "ADD CONSTRAINT … NOT VALID, and VALIDATE CONSTRAINT in a later file.");

    public static LintRule CheckNotValid { get; } = new("check-not-valid",
        "Every row is checked under a lock that lets nobody in.", "ADD CONSTRAINT … CHECK … NOT VALID, and VALIDATE CONSTRAINT in a later file.");

    public static LintRule UniqueWithoutIndex { get; } = new("unique-without-index",
        "Its index is built under a lock that lets nobody in.", "CREATE UNIQUE INDEX CONCURRENTLY first, then ADD CONSTRAINT … USING INDEX.");

    public static LintRule VolatileDefault { get; } = new("volatile-default",
        "Each row needs its own value, so the table is rewritten under a lock that lets nobody in.",
        "Add the column without default, SET DEFAULT for new rows, and backfill the old ones in steps.");

    public static LintRule NotNullWithoutDefault { get; } = new("not-null-without-default",
        "It fails as soon as the table has a row.", "Add it nullable or with a constant default.");

    public static LintRule Rename { get; } = new("rename",
        "Whatever runs and uses the old name fails from that moment on.",
        "Add the new one beside the old, move the program over, drop the old one later; for a table, a view under the old name bridges.");

    public static LintRule DropUsed { get; } = new("drop-used",
        "Whatever runs and still uses it fails from that moment on, and its data are gone.", "Deploy a program that does without it first; then accept this.");

    public static LintRule Rewrite { get; } = new("rewrite",
        "It rewrites or locks the whole table while nobody gets in.", "VACUUM without FULL, REINDEX CONCURRENTLY, pg_repack; LOCK TABLE not at all.");

    public static LintRule RefreshNotConcurrent { get; } = new("refresh-not-concurrent",
        "Nobody can read the view until it is done.", "REFRESH MATERIALIZED VIEW CONCURRENTLY, with a unique index on it.");

    public static LintRule WholeTable { get; } = new("whole-table",
        "Every row is written in one transaction: long locks, bloat, and a replica that falls behind.", "Backfill in steps outside the migration, or say WHERE.");

    public static IReadOnlyList<LintRule> All { get; } =
    [
        NotRunnable, NameOrder, MissingDown, EmptyDown, StrayDown, EmptyUp, LateHeader, IndexNotConcurrent, DropIndexNotConcurrent,
        SetNotNull, TypeRewrite, ForeignKeyNotValid, CheckNotValid, UniqueWithoutIndex, VolatileDefault, NotNullWithoutDefault,
        Rename, DropUsed, Rewrite, RefreshNotConcurrent, WholeTable,
    ];
}
