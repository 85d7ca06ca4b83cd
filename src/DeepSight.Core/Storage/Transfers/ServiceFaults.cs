namespace DeepSight.Core.Storage.Transfers;

/// <summary>How one service's failures are told apart.</summary>
/// <param name="Service">For log lines: <c>S3</c>.</param>
/// <param name="IsOurs">What its SDK or the network throws for a request that failed.</param>
/// <param name="IsTransient">A second attempt may work.</param>
/// <param name="IsThrottling">The service asks to come back later.</param>
/// <param name="RetryAfter">When it wants to be asked again; null where it does not say.</param>
/// <param name="Describe">For a log line: <c>503 SlowDown</c>.</param>
internal sealed record ServiceFaults(string Service, Func<Exception, bool> IsOurs, Func<Exception?, bool> IsTransient, Func<Exception?, bool> IsThrottling,
    Func<Exception?, TimeSpan?> RetryAfter, Func<Exception, string> Describe);
