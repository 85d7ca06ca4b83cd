namespace DeepSight.Core.Migrations.Running;

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
}
