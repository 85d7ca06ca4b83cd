namespace DeepSight.Core.Postgres.Processes;

/// <summary>How a tool ended. A signal shows as 128 + its number, as in a shell.</summary>
public readonly record struct ToolExit(int Code)
{
    public bool IsSuccess => Code == 0;

    /// <summary><c>exit code 1</c>, or <c>exit code 137, that is signal 9 (SIGKILL): …</c>.</summary>
    public override string ToString() => Code switch
    {
        128 + 9 => "exit code 137, that is signal 9 (SIGKILL): killed from outside, often for want of memory",
        128 + 6 => "exit code 134, that is signal 6 (SIGABRT): it gave itself up",
        128 + 11 => "exit code 139, that is signal 11 (SIGSEGV): it crashed",
        128 + 13 => "exit code 141, that is signal 13 (SIGPIPE): nobody read its output any more",
        128 + 15 => "exit code 143, that is signal 15 (SIGTERM): stopped from outside",
        > 128 and < 128 + 65 => $"exit code {Code}, that is signal {Code - 128}",
        _ => $"exit code {Code}",
    };
}
