using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using DeepSight.Core;
using DeepSight.Core.Access;
using DeepSight.Core.Dumps;
using DeepSight.Core.Dumps.Signing;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Tests.Dumps;

/// <summary>What a store holds, changed by chance: it is taken or refused, and nothing else happens.</summary>
public sealed class MutationTests
{
    private static readonly int Count = Matrix.IsFull ? 100_000 : 3_000;

    private static readonly string[] Pieces =
    [
        "null", "NaN", "-1", "1e999", "99999999999999999999", "[", "]", "{", "}", "\"", ",", ":", "\\ud800", "\\u0000", "\0", "\xFF", "true", "\n", "'", "$$", "$a$", "/*", "*/",
        "--", ";", "(", ")", "\\.", "\\!", "E'", "U&\"", "COPY x FROM stdin;\n", "BEGIN ATOMIC", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
        "LANGUAGE", "\u001b[2J", "SET standard_conforming_strings = off;", "GRANT", "ON", "TO", "::", "SELECT pg_catalog.setval(", "INSERT INTO t VALUES (", "CREATE FUNCTION f(",
    ];

    [Fact]
    public void A_manifest_is_read_or_unreadable()
    {
        var trusted = new TrustedKeys([SigningKey.New().Public]);
        var original = ManifestSignature.Add(Json.ToUtf8(ManifestSignatureTests.Manifest()), SigningKey.New());
        Mutate(original, 1, bytes =>
        {
            try
            {
                var manifest = ManifestFile.Parse(bytes, "deepsight_20260212_030000.sql.gz", trusted);
                // What is shown and compared of it holds.
                _ = (manifest.Rows, manifest.Summary.Rows, DumpComparison.Of(manifest.Summary, manifest.Summary).AreEqual);
                Assert.NotNull(manifest.Untrusted);
            }
            catch (JsonException)
            {
                // Unreadable: said with its name by whoever asked.
            }
        });
    }

    [Fact]
    public void An_access_file_is_read_or_unreadable()
    {
        var original = Encoding.UTF8.GetBytes(
            """
            CREATE ROLE app NOSUPERUSER;
            GRANT app, "Other" TO app, third WITH ADMIN OPTION;
            ALTER TABLE public."odd "" table" OWNER TO app;
            GRANT SELECT(id),INSERT ON TABLE public.t TO app WITH GRANT OPTION;
            ALTER FUNCTION public.f(integer, text[]) OWNER TO app;
            ALTER OPERATOR public.=== (integer, integer) OWNER TO app;
            ALTER DEFAULT PRIVILEGES FOR ROLE app IN SCHEMA public GRANT SELECT ON TABLES TO app;
            SET SESSION AUTHORIZATION app;
            GRANT ALL ON LARGE OBJECT 4711 TO PUBLIC;
            RESET SESSION AUTHORIZATION;

            """);
        var roles = new HashSet<string> { "app", "Other", "third" };
        Mutate(original, 2, bytes =>
        {
            try
            {
                using var gzip = new MemoryStream();
                using (var stream = new GZipStream(gzip, CompressionLevel.Fastest, leaveOpen: true)) stream.Write(bytes);
                var stored = gzip.ToArray();
                if (bytes.Length % 3 == 0) stored[bytes.Length % stored.Length] ^= 1;
                var reading = AccessList.ReadAsync(new MemoryStream(stored), "b", CancellationToken.None);
                Assert.True(reading.IsCompleted);
                var list = reading.GetAwaiter().GetResult();
                var plan = AccessPlan.Of(AccessList.Of([]), list, roles, new HashSet<string> { "app" });
                Assert.NotNull(plan.ToSql());
                Assert.DoesNotContain(plan.Statements, statement => statement.Kind == AccessKind.Membership);
            }
            catch (DeepSightException e)
            {
                Assert.True(e.Kind is FailureKind.Corrupt or FailureKind.Refused, e.Message);
            }
        });
    }

    [Fact]
    public void The_head_of_a_dump_is_read_or_refused()
    {
        using var resource = typeof(MutationTests).Assembly.GetManifestResourceStream("everything.sql")!;
        var original = new byte[resource.Length];
        resource.ReadExactly(original);
        Mutate(original, 3, bytes =>
        {
            try
            {
                var inspector = new DumpInspector();
                inspector.Append(bytes);
                Assert.NotNull(inspector.Complete().Tables);
                var filter = new SqlFilter(
                    new SqlFilterRules { OwnTransaction = true, RefuseMetaCommands = true, DropRestrict = true, WithinDatabase = true, OnlyPgDumps = true, DropAttributeVersions = true },
                    new ArrayBufferWriter<byte>());
                foreach (var chunk in bytes.Chunk(997)) filter.Append(chunk);
                filter.Complete();
            }
            catch (DeepSightException e)
            {
                Assert.True(e.Kind is FailureKind.Corrupt or FailureKind.Refused, e.Message);
            }
        });
    }

    /// <summary>Bytes flipped, pieces put in, taken out and doubled. The seed is fixed: what fails fails again.</summary>
    private static void Mutate(byte[] original, int seed, Action<byte[]> read)
    {
        var slowest = TimeSpan.FromSeconds(5);
        Parallel.For(0, Count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, number =>
        {
            var random = new Random(seed * 1_000_003 + number);
            var bytes = new List<byte>(original);
            for (var changes = 1 + random.Next(4); changes > 0 && bytes.Count > 0; changes--)
            {
                var at = random.Next(bytes.Count);
                var length = Math.Min(random.Next(1, 40), bytes.Count - at);
                switch (random.Next(5))
                {
                    case 0: bytes[at] = (byte)random.Next(256); break;
                    case 1: bytes.RemoveRange(at, length); break;
                    case 2: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
                    case 3: bytes.InsertRange(at, Encoding.Latin1.GetBytes(Pieces[random.Next(Pieces.Length)])); break;
                    default: bytes.RemoveRange(at, length); bytes.InsertRange(at, Encoding.Latin1.GetBytes(Pieces[random.Next(Pieces.Length)])); break;
                }
            }
            var began = System.Diagnostics.Stopwatch.GetTimestamp();
            try
            {
                read([.. bytes]);
            }
            catch (Exception e)
            {
                Assert.Fail($"Mutation {number}: {e}");
            }
            Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(began) < slowest, $"Mutation {number} took too long.");
        });
    }
}
