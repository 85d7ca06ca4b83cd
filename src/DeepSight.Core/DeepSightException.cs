namespace DeepSight.Core;

/// <summary>
/// A failure that an operator can act on: what failed and on what, then what to do. Never carries a secret;
/// <see cref="Exception.Message"/> and <see cref="Hint"/> are printed, logged and recorded as they are.
/// </summary>
public sealed class DeepSightException(FailureKind kind, string message, string? hint = null, Exception? inner = null)
    : Exception(message, inner)
{
    public FailureKind Kind { get; } = kind;

    /// <summary>What to do about it, as one or two sentences; null where the message says it all.</summary>
    public string? Hint { get; } = hint;

    /// <summary>The server's own code for it (SQLSTATE) where a statement of a dump failed; null elsewhere.</summary>
    public string? SqlState { get; init; }
}

/// <summary>A job was cancelled that left something behind: the message says what.</summary>
public sealed class CancelledMidwayException(string message, Exception inner, CancellationToken cancellationToken)
    : OperationCanceledException(message, inner, cancellationToken);

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
