namespace DeepSight.Tests.Storage.Faults;

/// <summary>What goes wrong with a request.</summary>
public enum FaultKind
{
    /// <summary>The connection is reset.</summary>
    Reset,

    /// <summary>500 InternalError.</summary>
    Error,

    /// <summary>503 SlowDown.</summary>
    SlowDown,

    /// <summary>No answer ever comes.</summary>
    Hang,

    /// <summary>The body ends in the middle: the request's before the gateway, the answer's after it.</summary>
    Truncated,
}
