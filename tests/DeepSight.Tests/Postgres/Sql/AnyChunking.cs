using System.Text;
using CsCheck;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Tests.Postgres.Sql;

/// <summary>The scanner's first law: how the input is cut into chunks changes nothing.</summary>
public sealed class AnyChunking
{
    private static readonly string[] Pieces =
    [
        "'", "''", "\"", "\\", "\\.", "\\.\n", "\\.\r\n", "$", "$$", "$a$", "$a", "$1", "-", "--", "/", "/*", "*/", "*", "(", ")", ";", "\n", "\r\n",
        "\r", " ", "\t", "E'", "e", "U&'", "u&\"", "b'", "n", "x", "1e'", "COPY t FROM stdin;\n", "copy", "from", "stdin", "SET", "a", "é", "0",
        "CREATE OR REPLACE FUNCTION f() BEGIN ATOMIC", "CASE", "END", "SET standard_conforming_strings = off;", "\ufeff", "\u00ef", "\u00bb", "\\restrict k\n",
        "-- PostgreSQL database dump complete\n", "row\twith\\ttabs\n", "\\N\t\\N\n",
    ];

    internal static readonly Gen<byte[]> Sql = Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]).Array[0, 40].Select(p => Encoding.UTF8.GetBytes(string.Concat(p)));

    [Fact]
    public void Gives_the_same_events()
    {
        Gen.Select(Sql, Gen.Int[0, 100].Array[0, 30], Gen.Bool).Sample((sql, cuts, server) =>
        {
            var dialect = server ? SqlDialect.Server : SqlDialect.Psql;
            var whole = Outcome([sql], dialect);
            Assert.Equal(whole, Outcome(Cut(sql, cuts), dialect));
            Assert.Equal(whole, Outcome(sql.Select(b => new[] { b }), dialect));
        }, iter: 20_000);
    }

    private static List<string> Outcome(IEnumerable<byte[]> chunks, SqlDialect dialect)
    {
        try
        {
            return EventRecorder.Scan(chunks, dialect).Events;
        }
        catch (DeepSight.Core.DeepSightException refusal)
        {
            return [refusal.Message];
        }
    }

    internal static IEnumerable<byte[]> Cut(byte[] bytes, IEnumerable<int> cuts)
    {
        var places = cuts.Select(c => Math.Min(c, bytes.Length)).Append(0).Append(bytes.Length).Order().ToArray();
        return places.Zip(places.Skip(1), (start, end) => bytes[start..end]);
    }
}
