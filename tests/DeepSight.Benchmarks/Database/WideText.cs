using System.Buffers;
using System.Text;

namespace DeepSight.Benchmarks.Database;

/// <summary>
/// The wide text table beside pgbench's narrow ones: identifiers, timestamps, prose, jsonb, arrays and a digest, as
/// lines in COPY's text format. What a line holds depends on its number alone.
/// </summary>
internal sealed class WideText
{
    public const string CreateTable =
        """
        CREATE TABLE wide_text (
            id bigint PRIMARY KEY,
            created_at timestamptz NOT NULL,
            customer uuid NOT NULL,
            language text NOT NULL,
            title text NOT NULL,
            body text NOT NULL,
            settings jsonb NOT NULL,
            tags text[] NOT NULL,
            score numeric(9, 6),
            digest bytea NOT NULL)
        """;

    public const string Copy = "COPY wide_text FROM STDIN";

    private static readonly DateTime Epoch = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly string[] Languages = ["en", "fr", "de", "es", "ja", "pt-BR", "ar"];

    private readonly Vocabulary vocabulary = new(seed: 20260212);

    /// <summary>Appends <paramref name="count"/> lines from number <paramref name="first"/> on, about 1,500 bytes each.</summary>
    public void Write(ArrayBufferWriter<byte> lines, long first, int count)
    {
        for (var id = first; id < first + count; id++) WriteLine(lines, id);
    }

    private void WriteLine(ArrayBufferWriter<byte> line, long id)
    {
        var random = new Random(unchecked((int)(id * 2_654_435_761)));
        Text(line, $"{id}\t{Epoch.AddSeconds(id * 37).AddMicroseconds(random.Next(1_000_000)):yyyy-MM-dd HH:mm:ss.ffffff}+00\t");
        Text(line, $"{new Guid(Noise(random, 16))}\t{Languages[random.Next(Languages.Length)]}\t");
        Prose(line, random, 4 + random.Next(5));
        Text(line, $"\t");
        Prose(line, random, 30 + random.Next(110));
        Text(line, $"\t{{\"notify\": {(random.Next(3) > 0 ? "true" : "false")}, \"quality\": {random.Next(100)}, \"label\": \"");
        Prose(line, random, 2);
        Text(line, $"\", \"thresholds\": {{\"low\": 0.{random.Next(1_000)}, \"high\": 0.{random.Next(1_000)}}}}}\t{{");
        for (var tag = random.Next(4); tag >= 0; tag--)
        {
            line.Write(vocabulary.NextWord(random)[..^1]);
            if (tag > 0) Text(line, $",");
        }

        Text(line, $"}}\t");
        if (random.Next(10) == 0) Text(line, $"\\N");
        else Text(line, $"{random.Next(1_000_000_000) / 1_000_000m:F6}");
        Text(line, $"\t\\\\x{Convert.ToHexStringLower(Noise(random, 32))}\n");
    }

    private void Prose(ArrayBufferWriter<byte> line, Random random, int pieces)
    {
        for (var piece = 0; piece < pieces; piece++) line.Write(vocabulary.Next(random));
    }

    private static byte[] Noise(Random random, int bytes)
    {
        var noise = new byte[bytes];
        random.NextBytes(noise);
        return noise;
    }

    private static void Text(ArrayBufferWriter<byte> line, FormattableString text)
    {
        var formatted = FormattableString.Invariant(text);
        line.Advance(Encoding.UTF8.GetBytes(formatted, line.GetSpan(Encoding.UTF8.GetMaxByteCount(formatted.Length))));
    }
}
