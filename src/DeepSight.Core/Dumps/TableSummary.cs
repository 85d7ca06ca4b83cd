namespace DeepSight.Core.Dumps;

/// <summary>What a dump holds of one table. Two dumps of equal data have equal summaries, whatever the order of rows.</summary>
/// <param name="Name">
/// As the dump qualifies it, <c>schema.table</c>; a part that isn't all lower-case letters, digits, <c>_</c> and <c>$</c> is
/// quoted: <c>public."odd.name"</c>. Rows of hash partitions that are dumped under their parent's name count there.
/// </param>
/// <param name="Columns">In the order of the data, unquoted. Empty where the dump names none (a table without columns).</param>
/// <param name="Rows">Lines of COPY data.</param>
/// <param name="Bytes">Of COPY data, line ends included.</param>
/// <param name="Checksum">The sum modulo 2^64 of each line's XxHash3 (without its line feed), in 16 hexadecimal digits.</param>
public sealed record TableSummary(string Name, IReadOnlyList<string> Columns, long Rows, long Bytes, string Checksum);
