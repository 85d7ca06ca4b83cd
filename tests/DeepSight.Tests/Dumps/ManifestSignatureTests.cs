using System.Diagnostics;
using System.Text;
using System.Text.Json;
using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Dumps.Signing;
using DeepSight.Tests.Cli;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Dumps;

/// <summary>Who wrote a manifest: what is signed, and what is noticed.</summary>
public sealed class ManifestSignatureTests
{
    private const string Name = "deepsight_20260212_030000.sql.gz";

    private static readonly SigningKey Key = SigningKey.New();
    private static readonly TrustedKeys Trusted = new([Key.Public]);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    internal static BackupManifest Manifest(int tables = 2) => new()
    {
        Name = Name,
        DatabaseId = "0123456789ab",
        Kind = BackupKind.Scheduled,
        Database = "app",
        ServerVersion = "17.6",
        PgDumpVersion = "18.0",
        ToolVersion = "1.0",
        StartedAt = new DateTimeOffset(2026, 2, 12, 3, 0, 0, TimeSpan.Zero),
        FinishedAt = new DateTimeOffset(2026, 2, 12, 3, 1, 0, TimeSpan.Zero),
        StoredBytes = 1000,
        SqlBytes = 8000,
        Sha256 = new string('a', 64),
        AccessSha256 = new string('b', 64),
        Tables = [.. Enumerable.Range(0, tables).Select(n => new TableSummary($"public.t{n}", ["id", "odd \"signature\": null\n"], 10, 100, "0123456789abcdef"))],
        Statements = new StatementSummary(3, "0123456789abcdef"),
        Values = new StatementSummary(0, "0000000000000000"),
    };

    [Fact]
    public void A_signed_manifest_is_trusted_by_its_key_among_several()
    {
        var signed = ManifestSignature.Add(Json.ToUtf8(Manifest()), Key);

        Assert.Null(ManifestFile.Parse(signed, Name, Trusted).Untrusted);
        Assert.Null(ManifestFile.Parse(signed, Name, new([SigningKey.New().Public, Key.Public])).Untrusted);
        Assert.Null(ManifestFile.Parse(signed, Name, TrustedKeys.None).Untrusted);
        Assert.Equal(Manifest().Tables.Count, ManifestFile.Parse(signed, Name, Trusted).Tables.Count);
    }

    [Fact]
    public void What_is_not_signed_by_a_trusted_key_under_its_own_name_is_not_trusted()
    {
        var plain = Json.ToUtf8(Manifest());
        var signed = ManifestSignature.Add(plain, Key);
        var other = ManifestSignature.Add(plain, SigningKey.New());

        Assert.Contains("not signed", ManifestFile.Parse(plain, Name, Trusted).Untrusted, StringComparison.Ordinal);
        Assert.Contains("not among", ManifestFile.Parse(other, Name, Trusted).Untrusted, StringComparison.Ordinal);
        Assert.Contains("another name", ManifestFile.Parse(signed, "deepsight_20260301_030000.sql.gz", Trusted).Untrusted, StringComparison.Ordinal);
        Assert.Contains("another name", ManifestFile.Parse(signed, "pre-restore/" + Name, Trusted).Untrusted, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Changes => new()
    {
        { "\"stored_bytes\": 1000", "\"stored_bytes\": 1001" },
        { new string('a', 64), new string('c', 64) },
        { new string('b', 64), new string('c', 64) },
        { "\"schema_version\": 1,", "\"schema_version\": 1, " },
        // Beside the signature, on the one line that is not signed.
        { "\"signature\": \"", "\"sha256\": \"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc\", \"signature\": \"" },
        { "==\"\n}", "==\", \"sha256\": \"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc\"\n}" },
        { "==\"\n}", "==\",\n  \"sha256\": \"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc\"\n}" },
        { "{\n", "{\n  \"signature\": null,\n" },
        { "  \"signature\": ", "  \"signature\" : " },
        { "==\"\n}", "==\"\n}\n" },
        { "{\n", "\n{\n" },
        { "\"app\"", "\"\\u0061pp\"" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Any_change_is_noticed(string what, string by)
    {
        var signed = Encoding.UTF8.GetString(ManifestSignature.Add(Json.ToUtf8(Manifest()), Key));
        var changed = signed.Replace(what, by, StringComparison.Ordinal);
        Assert.NotEqual(signed, changed);

        Assert.NotNull(WhyNot(Encoding.UTF8.GetBytes(changed)));
    }

    [Fact]
    public void Any_flipped_bit_is_noticed()
    {
        var signed = ManifestSignature.Add(Json.ToUtf8(Manifest(tables: 1)), Key);
        for (var at = 0; at < signed.Length; at++)
        {
            var changed = signed.ToArray();
            changed[at] ^= (byte)(1 << (at % 8));
            // Some bits of base64's last letter stand for nothing.
            if (Convert.ToHexString(SignatureOf(changed)) == Convert.ToHexString(SignatureOf(signed)) && at > signed.Length - 8) continue;
            Assert.NotNull(WhyNot(changed));
        }
    }

    [Fact]
    public void Keys_are_what_openssl_makes_and_a_key_that_is_none_is_told()
    {
        var again = SigningKey.TryParse($"-----BEGIN PRIVATE KEY-----\n{Key.Secret}\n-----END PRIVATE KEY-----\n");

        Assert.Equal(Key.Public.ToString(), again!.Public.ToString());
        Assert.Null(SigningKey.TryParse("not a key"));
        Assert.Null(SigningKey.TryParse(Key.Public.ToString()));
        Assert.Null(PublicKey.TryParse(Key.Secret));
        var wrong = new BackupSettings { SigningKey = "hunter2", TrustedKeys = ["nonsense"] }.Validate().ToList();
        Assert.Equal(2, wrong.Count);
        Assert.DoesNotContain(wrong, error => error.Contains("hunter2", StringComparison.Ordinal));
    }

    /// <summary>The commands of docs/recovery.md, as they stand there.</summary>
    [Fact]
    public async Task Openssl_checks_a_signature_by_hand()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, Name + BackupName.ManifestSuffix);
        var signed = ManifestSignature.Add(Json.ToUtf8(Manifest()), Key);
        var recovery = await File.ReadAllTextAsync(Path.Combine(Servers.Clone.Root, "docs/recovery.md"), Cancelled);
        var block = recovery[recovery.IndexOf("SIGNER=", StringComparison.Ordinal)..];
        var commands = block[(block.IndexOf('\n') + 1)..block.IndexOf("\n```", StringComparison.Ordinal)];
        var script = $"cd '{folder.Path}'; BACKUP={Name}; SIGNER={Key.Public}\n{commands}";

        await File.WriteAllBytesAsync(file, signed, Cancelled);
        var good = await CommandProcess.RunLineAsync([], "bash", "-c", script);
        await File.WriteAllTextAsync(file, Encoding.UTF8.GetString(signed).Replace("17.6", "17.7", StringComparison.Ordinal), Cancelled);
        var changed = await CommandProcess.RunLineAsync([], "bash", "-c", script);

        Assert.True(good.ExitCode == 0 && good.Output.Contains("Verified Successfully", StringComparison.Ordinal), good.Output + good.Errors);
        Assert.DoesNotContain("Verified Successfully", changed.Output, StringComparison.Ordinal);
    }

    /// <summary>Of a thousand tables: under a hundredth of what the smallest dump of such a database takes.</summary>
    [Fact]
    public void Signing_and_checking_cost_milliseconds()
    {
        var manifest = Json.ToUtf8(Manifest(tables: 1000));
        var signed = ManifestSignature.Add(manifest, Key);
        var before = Stopwatch.GetTimestamp();
        for (var i = 0; i < 10; i++) ManifestSignature.Add(manifest, Key);
        var signing = Stopwatch.GetElapsedTime(before) / 10;
        before = Stopwatch.GetTimestamp();
        for (var i = 0; i < 10; i++) Assert.Null(ManifestSignature.WhyUntrusted(signed, Trusted.Keys));
        var checking = Stopwatch.GetElapsedTime(before) / 10;

        TestContext.Current.SendDiagnosticMessage($"{signed.Length:N0} bytes: signed in {signing.TotalMilliseconds:0.0} ms, checked in {checking.TotalMilliseconds:0.0} ms");
    }

    private static byte[] SignatureOf(byte[] manifest)
    {
        var text = Encoding.ASCII.GetString(manifest);
        var at = text.LastIndexOf(':') + 1;
        var bytes = new byte[100];
        return Convert.TryFromBase64String(text[at..Math.Max(at, text.LastIndexOf('"'))], bytes, out var length) ? bytes[..length] : [];
    }

    private static string? WhyNot(byte[] manifest)
    {
        try
        {
            return ManifestFile.Parse(manifest, Name, Trusted).Untrusted;
        }
        catch (JsonException e)
        {
            return e.Message;
        }
    }
}
