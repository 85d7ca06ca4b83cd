using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using DeepSight.Core;
using DeepSight.Core.Access;
using DeepSight.Core.Catalog;
using DeepSight.Core.Databases;
using DeepSight.Core.Dumps;
using DeepSight.Core.Dumps.Signing;
using DeepSight.Core.Postgres.Sql;
using DeepSight.Core.Restore.Requests;
using DeepSight.Core.Runs;
using DeepSight.Core.Storage.Leases;

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

    [Fact]
    public void A_run_a_proof_a_lease_and_a_marker_are_read_or_unreadable()
    {
        var time = new DateTimeOffset(2026, 2, 12, 3, 0, 0, TimeSpan.Zero);
        var run = new RunRecord
        {
            Id = "0a1b2c3d",
            Job = "backup",
            Trigger = "timer",
            Status = RunStatus.Failed,
            StartedAt = time,
            FinishedAt = time.AddMinutes(1),
            StoredBytes = 1,
            Rows = 2,
            Error = "it failed",
            Hint = "mend it",
            Warnings = ["one"],
            ToolVersion = "1.0",
        };
        var proof = new DrillResult
        {
            Name = "deepsight_20260212_030000.sql.gz",
            StartedAt = time,
            FinishedAt = time,
            RestoreSeconds = 1.5,
            Sha256 = new string('a', 64),
            ServerVersion = "17.6",
            ToolVersion = "1.0",
            Tables = 1,
            Rows = 2,
            Notes = ["one"],
        };
        var marker = new DatabaseMarker { Deepsight = DatabaseMarker.Previous, Database = "app", At = time, Backup = "b", RequestId = "a1" };
        byte[][] originals = [Json.ToUtf8(run), Json.ToUtf8(proof), LeaseRecord.New(time).ToBytes(), Encoding.UTF8.GetBytes(marker.ToComment())];
        for (var kind = 0; kind < originals.Length; kind++)
            Mutate(originals[kind], 10 + kind, bytes =>
            {
                try
                {
                    _ = LeaseRecord.Parse(bytes)?.HoldsAt(time);
                    _ = DatabaseMarker.Parse(Encoding.UTF8.GetString(bytes));
                    if (Json.Read<RunRecord>(bytes) is { } read) Assert.NotNull(RunName.TryParse(read.AsOf(time).ObjectName));
                    Assert.True(Json.Read<DrillResult>(bytes) is not { Tables: < 0 });
                }
                catch (JsonException)
                {
                    // Unreadable: said with its name by whoever asked.
                }
            });
    }

    [Fact]
    public void A_restore_request_is_understood_whole_or_refused()
    {
        var time = new DateTimeOffset(2026, 2, 12, 3, 0, 0, TimeSpan.Zero);
        var original = Encoding.UTF8.GetBytes("""
            {"schema_version":1,"request_id":"a1","target":"db.internal:5432/app","backup":"deepsight_20260212_030000.sql.gz","requested_by":"ann",
            "expires_at":"2026-02-12T04:00:00Z","mode":"swap","clean":false,"confirm":true,"confirm_space":true,"force":false,"create_missing_roles":true,"drop_replication":false}
            """);
        var reader = new RequestReader("deepsight");
        Mutate(original, 20, bytes =>
        {
            var text = Encoding.UTF8.GetString(bytes);
            foreach (var form in (string[])[text, Convert.ToBase64String(bytes)])
                try
                {
                    Assert.NotNull(RestoreRequests.FindRequestId(form) ?? "none");
                    var message = reader.Message(form, time);
                    Assert.Equal(message.ToJson(), reader.Message(message.ToJson(), time).ToJson());
                }
                catch (DeepSightException e)
                {
                    Assert.True(e.Kind == FailureKind.InvalidInput, e.Message);
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
