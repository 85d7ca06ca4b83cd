namespace DeepSight.Core.Migrations.Files;

/// <summary>A folder of scripts: its name, and when its scripts run.</summary>
/// <param name="Name">Below the migrations' root.</param>
public sealed record ScriptFolder(string Name, RunKind Runs)
{
    public static ScriptFolder Up { get; } = new("up", RunKind.Revision);

    public static ScriptFolder Down { get; } = new("down", RunKind.Undo);

    /// <summary>Against the maintenance database, as RoundhousE does, so that the target itself can be altered.</summary>
    public static ScriptFolder AlterDatabase { get; } = new("alterDatabase", RunKind.AnyTime);

    /// <summary>Only when the database is found empty and without a journal: nobody but us creates it otherwise.</summary>
    public static ScriptFolder RunAfterCreateDatabase { get; } = new("runAfterCreateDatabase", RunKind.Once);

    /// <summary>All folders in the order in which they run; <c>down</c> stands aside. The names and the order are RoundhousE's and grate's.</summary>
    public static IReadOnlyList<ScriptFolder> InOrder { get; } =
    [
        new("beforeMigration", RunKind.EveryTime),
        AlterDatabase,
        RunAfterCreateDatabase,
        new("runBeforeUp", RunKind.AnyTime),
        Up,
        new("runFirstAfterUp", RunKind.AnyTime),
        new("functions", RunKind.AnyTime),
        new("views", RunKind.AnyTime),
        new("sprocs", RunKind.AnyTime),
        new("triggers", RunKind.AnyTime),
        new("indexes", RunKind.AnyTime),
        new("runAfterOtherAnyTimeScripts", RunKind.AnyTime),
        new("permissions", RunKind.EveryTime),
        new("afterMigration", RunKind.EveryTime),
    ];
}
