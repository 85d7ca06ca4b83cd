namespace DeepSight.Core.Runs;

/// <summary>What a running job does, as of its last sign of life.</summary>
/// <param name="Phase">What is being done: <c>dumping</c>, <c>loading</c>, <c>comparing</c>.</param>
/// <param name="Table">The table or script at hand; null between two.</param>
/// <param name="StoredBytes">Of the stored file, written or read in this phase.</param>
/// <param name="SqlBytes">Of SQL, in this phase.</param>
/// <param name="Done">Share of the phase that is done, from 0 to 1; null where its end is not known.</param>
public sealed record RunProgress(string Phase, string? Table = null, long StoredBytes = 0, long SqlBytes = 0, double? Done = null)
{
    /// <summary>When it was so.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>When the phase should end at the rate so far; null where that is not known.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <exception cref="System.Text.Json.JsonException">A field holds what no job writes.</exception>
    internal void Check()
    {
        RecordCheck.Names([Phase], "phase");
        RecordCheck.Text(Table, "table");
        RecordCheck.Count(StoredBytes, "stored_bytes");
        RecordCheck.Count(SqlBytes, "sql_bytes");
        RecordCheck.Require(Done is null or (>= 0 and <= 1), "done");
    }
}

/// <summary>Tells a job's progress to whoever watches the job, and to its run record.</summary>
/// <param name="watcher">Null: nobody watches.</param>
internal sealed class RecordedProgress<T>(IProgress<T>? watcher, IProgress<RunProgress> run, Func<T, RunProgress> describe) : IProgress<T>
{
    public void Report(T value)
    {
        run.Report(describe(value));
        watcher?.Report(value);
    }
}
