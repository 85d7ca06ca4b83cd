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
}
