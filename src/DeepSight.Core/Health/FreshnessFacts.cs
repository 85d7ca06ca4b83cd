using DeepSight.Core.Runs;

namespace DeepSight.Core.Health;

/// <summary>What the stores and the queue say about the backups, at one moment.</summary>
/// <param name="Good">Time and stored bytes of the good backups, newest first, without pre-restore ones and dates in the future.</param>
/// <param name="Verified">The newest that a drill has proven.</param>
/// <param name="LastBackup">The newest backup run that ended, well or not.</param>
/// <param name="LastDrill">The newest drill that ended, well or not.</param>
/// <param name="LastFailure">The newest run of any job that failed or was lost.</param>
/// <param name="PoisonMessages">Restore requests that failed as often as they may; null when the queue can't be asked.</param>
/// <param name="Problems">What could not be read, without names.</param>
internal sealed record FreshnessFacts(
    IReadOnlyList<(string Name, DateTimeOffset Time, long StoredBytes)> Good,
    VerifiedBackup? Verified,
    RunRecord? LastBackup,
    RunRecord? LastDrill,
    RunRecord? LastFailure,
    int? PoisonMessages,
    IReadOnlyList<string> Problems);
