namespace DeepSight.Benchmarks.Measuring;

/// <summary>One of the things compared: ours or a peer.</summary>
internal sealed record Side(string Name, Func<CancellationToken, Task<Measurement>> RunAsync);
