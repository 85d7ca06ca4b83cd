namespace DeepSight.Core.Migrations.Running;

/// <summary>What a run is doing right now.</summary>
/// <param name="Script">The file, as <c>up/0002_add_users.sql</c>.</param>
/// <param name="Detail">For whom it waits, what it mends; null where there is nothing to say.</param>
public sealed record MigrationStep(StepKind Kind, string Script, string? Detail = null, TimeSpan Elapsed = default);

/// <summary>A moment in a run.</summary>
public enum StepKind
{
    /// <summary>A script begins.</summary>
    Running,

    /// <summary>A script and its row are committed.</summary>
    Done,

    /// <summary>A statement waits for a lock; the detail names who holds it.</summary>
    Waiting,

    /// <summary>A script stepped back and will be tried again.</summary>
    Retrying,

    /// <summary>Something that an interrupted run left is put right.</summary>
    Mending,

    /// <summary>The server said something about a statement, such as RAISE NOTICE.</summary>
    Notice,

    /// <summary>As <see cref="Notice"/>, as a warning.</summary>
    Warning,
}
