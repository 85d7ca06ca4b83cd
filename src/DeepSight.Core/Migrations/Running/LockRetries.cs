using DeepSight.Core.Migrations.Files;
using Npgsql;

namespace DeepSight.Core.Migrations.Running;

/// <summary>
/// Steps back when a lock can't be had, and tries again: a statement that waits for a lock makes everyone else wait behind it.
/// </summary>
internal sealed class LockRetries(MigrationSettings settings, IProgress<MigrationStep>? progress, TimeProvider clock)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    /// <summary>lock_timeout ran out, or a deadlock was broken at our cost: the same script may well succeed in a moment.</summary>
    public static bool IsWorthwhile(PostgresException error) =>
        error.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected;

    public async Task RunAsync(MigrationScript script, LockWaits waits, Func<Task> attempt, CancellationToken cancellationToken)
    {
        for (var tried = 1; ; tried++)
        {
            try
            {
                await attempt();
                return;
            }
            catch (PostgresException e) when (IsWorthwhile(e))
            {
                var holder = $"held by {waits.LastSeen ?? "someone who was not seen"}";
                if (tried > settings.LockRetries)
                    throw new DeepSightException(FailureKind.Busy,
                        $"{script.Display} could not get a lock in {tried} tries of {settings.LockTimeoutSeconds} s: {holder}. Nothing of it was kept.",
                        "end that session, or run again when it is done; MIGRATIONS_LOCK_TIMEOUT_SECONDS and MIGRATIONS_LOCK_RETRIES set the patience.", e);

                var pause = TimeSpan.FromMilliseconds(Math.Min(250 * Math.Pow(2, tried - 1), Longest.TotalMilliseconds));
                progress?.Report(new MigrationStep(StepKind.Retrying, script.Display, $"try {tried + 1} of {settings.LockRetries + 1} in {pause.TotalSeconds:0.#} s: the lock was {holder}"));
                await Task.Delay(pause, clock, cancellationToken);
            }
        }
    }
}
