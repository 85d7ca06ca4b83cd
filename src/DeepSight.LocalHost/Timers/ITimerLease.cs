namespace DeepSight.LocalHost.Timers;

/// <summary>A host's claim on a timer.</summary>
internal interface ITimerLease : IAsyncDisposable
{
    /// <summary>Starts the claim's time anew; false when it is lost to another host.</summary>
    Task<bool> RenewAsync(CancellationToken cancellationToken);
}
