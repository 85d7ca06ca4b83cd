namespace DeepSight.Core;

/// <summary>How a job ended when it did not succeed. The numeric value is the command's exit code.</summary>
public enum FailureKind
{
    /// <summary>Something that should have worked did not: a server, a store, a disk, a tool.</summary>
    Failed = 1,

    /// <summary>A setting, option or message is wrong; trying again unchanged can't help.</summary>
    InvalidInput = 2,

    /// <summary>A guard stopped it before anything was touched; the hint names what lifts the guard.</summary>
    Refused = 3,

    /// <summary>Something was asked for that isn't there: no such backup, nothing to restore.</summary>
    NothingToDo = 4,

    /// <summary>A backup is corrupt, or can't be proven to be what its manifest says.</summary>
    Corrupt = 5,

    /// <summary>Another job holds the lock on the same database or store.</summary>
    Busy = 6,
}
