using DeepSight.Core.Storage;

namespace DeepSight.Core.Runs;

/// <summary>Is told of every run's end, after its record was written. What it throws never reaches the job.</summary>
public interface IRunObserver
{
    /// <param name="stores">Where the run's record is, and those before it.</param>
    Task EndedAsync(RunRecord run, IReadOnlyList<IBackupStore> stores, CancellationToken cancellationToken);
}
