namespace DeepSight.Core.Postgres.Processes;

/// <summary>One call of a program: what to run and how to end it.</summary>
public sealed record ToolCommand
{
    /// <summary>For messages: <c>pg_dump 18.6</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The file that is executed.</summary>
    public required string Program { get; init; }

    /// <summary>Each reaches the program as it is: no shell, no quoting. Never a secret: <c>ps</c> shows them to everyone.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Its whole environment, but for the few inherited names of <see cref="ToolEnvironment"/>.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Null runs it in ours.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Replaced by <c>***</c> wherever the program's own words are shown.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>Its stdin is ours to write; otherwise it is empty.</summary>
    public bool WithInput { get; init; }

    /// <summary>How long it may take to end after SIGTERM before it and its children are killed. Default: 5 s.</summary>
    public TimeSpan KillAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What to do about a failure, read off what the program said; null where nothing is known.</summary>
    public Func<string, string?> HintFor { get; init; } = static _ => null;
}
