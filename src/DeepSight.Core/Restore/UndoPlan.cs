using DeepSight.Core.Postgres;

namespace DeepSight.Core.Restore;

/// <summary>What an undo will do.</summary>
/// <param name="Previous">The database that comes back, by its present name.</param>
/// <param name="ReplacedAt">When the restore took it away, UTC.</param>
/// <param name="Backup">What that restore put in its place.</param>
/// <param name="SetAside">The name that the present database gets.</param>
/// <param name="Connections">Sessions that will be ended.</param>
public sealed record UndoPlan(DatabaseUrl Target, string Previous, DateTimeOffset ReplacedAt, string? Backup, string SetAside, int Connections)
{
    /// <summary>What else goes with the present database; null when it is what the swap put there.</summary>
    public string? Warning { get; init; }
}
