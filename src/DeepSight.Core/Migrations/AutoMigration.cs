namespace DeepSight.Core.Migrations;

/// <summary>When pending migrations are applied without being asked for: <c>MIGRATIONS_AUTO</c>.</summary>
public enum AutoMigration
{
    /// <summary>After a successful scheduled backup.</summary>
    AfterBackup,

    /// <summary>When the host starts.</summary>
    Startup,

    /// <summary>Never.</summary>
    Off,
}
