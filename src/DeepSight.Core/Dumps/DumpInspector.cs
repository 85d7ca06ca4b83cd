using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Dumps;

/// <summary>
/// Reads a plain dump as it streams past and sums it up, with no query of its own. One thread appends; any may read
/// <see cref="CurrentTable"/> and <see cref="SqlBytes"/> meanwhile.
/// </summary>
/// <remarks>
/// So that equal databases give equal summaries, what differs for other reasons stays out of the checksums: comments (TOC headers
/// among them), psql's meta-commands (<c>\restrict</c> has a random key), and statements about the session that reads the dump
/// (<see cref="DumpStatement.Session"/>). Order stays out as well, since the sums don't depend on it: rows come in physical
/// order.
/// What the caller must see to: <c>PGTZ=UTC</c>, <c>bytea_output=hex</c>, <c>standard_conforming_strings=on</c> (else large
/// objects
/// are written with other escapes), a fixed <c>lc_monetary</c>, one encoding, and one major version of pg_dump for both dumps,
/// since majors word the schema differently.
/// </remarks>
public sealed class DumpInspector
{
    private readonly DumpTotals totals = new();
    private readonly SqlScanner scanner;
    private long bytes;

    public DumpInspector() => scanner = new SqlScanner(totals);

    /// <summary>The table whose rows are passing, as in <see cref="TableSummary.Name"/>; null between tables.</summary>
    public string? CurrentTable => totals.CurrentTable;

    /// <summary>Taken so far.</summary>
    public long SqlBytes => Interlocked.Read(ref bytes);

    /// <summary>Takes the next part of the dump, of any size.</summary>
    /// <exception cref="DeepSightException">This can't be a dump: the text can't be told apart safely.</exception>
    public void Append(ReadOnlySpan<byte> sql)
    {
        scanner.Append(sql);
        Interlocked.Add(ref bytes, sql.Length);
    }

    /// <summary>The input has ended: what it held. Once, last.</summary>
    public DumpSummary Complete() => totals.Summarize(scanner.Complete(), scanner.Position);
}
