namespace DeepSight.Core.Dumps;

/// <summary>What a dump holds of statements other than COPY data.</summary>
/// <param name="Checksum">The sum modulo 2^64 of each statement's XxHash3, in 16 hexadecimal digits.</param>
public sealed record StatementSummary(long Count, string Checksum);
