using DeepSight.Core.Postgres.Locking;

namespace DeepSight.Core.Restore;

/// <summary>
/// From a plan to the right to carry it out. Who has to think it over doesn't hold the job's lock meanwhile: a scheduled backup would
/// not get it. So the plan is made again behind the answer.
/// </summary>
internal static class Approval
{
    /// <param name="acquire">Takes the lock.</param>
    /// <param name="plan">Makes the plan under the lock, again with the one that was approved.</param>
    /// <param name="approve">Its exception ends it; null approves.</param>
    /// <param name="requireSame">Throws where the second plan isn't what the first one said.</param>
    /// <returns>The lock, which the caller gives back, and what was planned under it.</returns>
    public static async Task<(JobLock Lock, T Plan)> AskAsync<T>(Func<Task<JobLock>> acquire, Func<JobLock, T?, Task<T>> plan,
        Func<T, Task>? approve, Action<T, T> requireSame) where T : class
    {
        var held = await acquire();
        try
        {
            var shown = await plan(held, null);
            var answer = approve?.Invoke(shown) ?? Task.CompletedTask;
            if (answer.IsCompleted)
            {
                await answer;
                return (held, shown);
            }

            await held.DisposeAsync();
            await answer;
            held = await acquire();
            var now = await plan(held, shown);
            requireSame(shown, now);
            return (held, now);
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }
    }
}
