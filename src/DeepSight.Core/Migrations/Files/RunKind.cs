namespace DeepSight.Core.Migrations.Files;

/// <summary>When a script runs.</summary>
public enum RunKind
{
    /// <summary>A revision of the history: once, in the graph's order.</summary>
    Revision,

    /// <summary>Undoes the revision of the same name.</summary>
    Undo,

    /// <summary>Once in a database's life.</summary>
    Once,

    /// <summary>When its text changed since it last ran.</summary>
    AnyTime,

    /// <summary>With every migration up to the head.</summary>
    EveryTime,
}
