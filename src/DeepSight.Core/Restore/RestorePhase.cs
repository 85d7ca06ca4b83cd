namespace DeepSight.Core.Restore;

/// <summary>What a restore is doing now.</summary>
public enum RestorePhase
{
    /// <summary>Reading the whole file before the target is opened.</summary>
    Checking,

    /// <summary>The pre-restore backup.</summary>
    BackingUp,

    Loading,

    /// <summary>Owners, grants and default privileges.</summary>
    Granting,

    /// <summary>Statistics for the planner.</summary>
    Analyzing,

    /// <summary>A dump of the restored database is compared with the backup's.</summary>
    Comparing,

    /// <summary>The new database takes the old one's place.</summary>
    Publishing,
}
