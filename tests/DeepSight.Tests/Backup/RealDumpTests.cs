using System.Buffers;
using System.Text;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Tests.Backup;

/// <summary>
/// A dump by pg_dump 18 of a database that has one of everything, and odd text wherever text can be: names, rows, comments, bodies.
/// </summary>
public sealed class RealDumpTests
{
    private static readonly byte[] Dump = ReadSample("everything.sql");

    [Fact]
    public void Is_summed_up_as_the_database_counts()
    {
        var summary = Inspect(Dump);

        Assert.Equal(
            [
                ("\"Odd schema\".\"a.b\"", 6), ("public.child", 1), ("public.empty", 0), ("public.gen", 2), ("public.nocols", 2), ("public.parent", 0),
                ("public.part", 9), ("public.rng1", 4), ("public.rngd", 4), ("public.\"two\nlines; COPY x FROM stdin;\"", 4),
            ],
            summary.Tables.Select(table => (table.Name, table.Rows)));
        Assert.Equal(["file_fdw", "hstore"], summary.Extensions);
        Assert.Equal(["Bob, Jr.", "alice"], summary.Roles);
        Assert.Equal(2, summary.LargeObjects);
        Assert.Equal(("15.18", "18.6"), (summary.ServerVersion, summary.PgDumpVersion));
        Assert.True(summary.IsComplete);
    }

    [Fact]
    public void Cut_off_anywhere_before_its_trailer_it_is_not_complete()
    {
        var trailer = "-- PostgreSQL database dump complete"u8;
        var end = Dump.AsSpan().LastIndexOf(trailer) + trailer.Length;

        Assert.All(Enumerable.Range(0, end), length => Assert.False(Inspect(Dump.AsSpan(0, length)).IsComplete));
        Assert.True(Inspect(Dump.AsSpan(0, end)).IsComplete);
    }

    [Fact]
    public void Passes_the_filters_of_a_restore_but_for_what_they_name()
    {
        var output = new ArrayBufferWriter<byte>();
        var filter = new SqlFilter(
            new SqlFilterRules
            {
                UnknownSettings = SqlFilterRules.SettingsUnknownTo(15),
                DropAttributeVersions = true,
                DropRestrict = true,
                OwnTransaction = true,
                RefuseMetaCommands = true,
            },
            output);
        foreach (var chunk in Dump.Chunk(101)) filter.Append(chunk);
        Assert.True(filter.Complete().IsClean);

        Assert.Equal([@"\restrict", "SET transaction_timeout", "BEGIN", "COMMIT", @"\unrestrict"], filter.Uses.Select(use => use.What));
        var (before, after) = (Lines(Dump), Lines(output.WrittenSpan));
        Assert.Equal(before.Length, after.Length);
        Assert.Equal(5, before.Zip(after).Count(lines => lines.First != lines.Second));
    }

    private static DumpSummary Inspect(ReadOnlySpan<byte> sql)
    {
        var inspector = new DumpInspector();
        inspector.Append(sql);
        return inspector.Complete();
    }

    private static string[] Lines(ReadOnlySpan<byte> sql) => Encoding.UTF8.GetString(sql).Split('\n');

    private static byte[] ReadSample(string name)
    {
        using var resource = typeof(RealDumpTests).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}
