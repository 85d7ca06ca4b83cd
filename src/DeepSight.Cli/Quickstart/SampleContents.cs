namespace DeepSight.Cli.Quickstart;

/// <summary>What a new sample database holds.</summary>
/// <param name="Tables">Ordinary and partitioned ones, and partitions.</param>
/// <param name="Rows">Of all of them, by <c>count(*)</c>; each row counts once.</param>
internal sealed record SampleContents(int Tables, long Rows);
