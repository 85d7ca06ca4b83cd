using DeepSight.Core.Restore.Loading;
using Npgsql;

namespace DeepSight.Core.Restore;

/// <summary>What the server said to one of our own sessions, for people and records: by its type alone nobody would know what to do.</summary>
internal static class ServerFailure
{
    /// <exception cref="DeepSightException">In place of what Npgsql threw.</exception>
    public static async Task<T> ExplainAsync<T>(string what, Func<Task<T>> job)
    {
        try
        {
            return await job();
        }
        catch (NpgsqlException e)
        {
            var said = (e as PostgresException)?.MessageText ?? e.Message.Split('\n')[0];
            throw new DeepSightException(FailureKind.Failed, $"The server ended the {what}: {said.TrimEnd('.')}.", LoadFailure.HintFor(said) ?? "see the server's log, and run it again.", e);
        }
    }
}
