using DeepSight.Core.Restore;

namespace DeepSight.Tests.Restore;

/// <summary>Does something when a restore reports, at once and in order.</summary>
internal sealed class OnProgress(Action<RestoreProgress> report) : IProgress<RestoreProgress>
{
    public void Report(RestoreProgress value) => report(value);
}
