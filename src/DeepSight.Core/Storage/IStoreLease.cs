namespace DeepSight.Core.Storage;

/// <summary>A lease held in a store. Disposing gives it back.</summary>
public interface IStoreLease : IAsyncDisposable
{
    /// <summary>Starts the duration anew; fails with <see cref="FailureKind.Busy"/> when the lease was lost to another holder.</summary>
    Task RenewAsync(CancellationToken cancellationToken);
}
