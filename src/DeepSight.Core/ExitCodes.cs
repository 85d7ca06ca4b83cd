namespace DeepSight.Core;

/// <summary>The exit codes that are no <see cref="FailureKind"/>.</summary>
public static class ExitCodes
{
    public const int Done = 0;

    /// <summary>Ended by Ctrl-C or SIGTERM; nothing was left behind but what the message names.</summary>
    public const int Cancelled = 130;
}
