namespace DeepSight.Benchmarks.Measuring;

/// <summary>One run of one side.</summary>
/// <param name="Bytes">Of what it wrote; 0 where that doesn't matter.</param>
/// <param name="PeakMemoryBytes">The largest resident set of its main process, without children; 0 where it wasn't watched.</param>
internal sealed record Measurement(TimeSpan Elapsed, long Bytes = 0, long PeakMemoryBytes = 0);
