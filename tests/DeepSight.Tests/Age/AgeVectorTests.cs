using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using DeepSight.Core.Age;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Age;

/// <summary>age's own test vectors (C2SP/CCTV). Hybrid keys are not known here: what only they open is refused.</summary>
public sealed class AgeVectorTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_vector_gives_the_result_that_it_names()
    {
        var files = Directory.GetFiles(Path.Combine(await Clone.BuiltAsync("local/age", "age"), "vectors"));
        var wrong = new List<string>();
        foreach (var file in files)
        {
            var vector = Vector.Parse(await File.ReadAllBytesAsync(file, Cancelled));
            if (await OpenAsync(vector) is var result && !vector.Allowed.Contains(result)) wrong.Add($"{Path.GetFileName(file)}: {result} in place of {string.Join(" or ", vector.Allowed)}");
        }

        Assert.Equal(143, files.Length);
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    private static async Task<string> OpenAsync(Vector vector)
    {
        try
        {
            await using var opened = await AgeReader.OpenAsync(new MemoryStream(vector.File), vector.Identities, Cancelled);
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(opened, Cancelled));
        }
        catch (AgeException e)
        {
            return e.Failure.ToString();
        }
    }

    /// <param name="Allowed">The hash of the content, or the failure.</param>
    private sealed record Vector(byte[] File, IReadOnlyList<AgeIdentity> Identities, string[] Allowed)
    {
        public static Vector Parse(byte[] content)
        {
            var end = content.AsSpan().IndexOf("\n\n"u8);
            var fields = Encoding.UTF8.GetString(content, 0, end).Split('\n').Select(line => line.Split(": ", 2)).ToLookup(field => field[0], field => field[1]);
            var file = content[(end + 2)..];
            var identities = fields["identity"].Where(key => !key.StartsWith("AGE-SECRET-KEY-PQ-", StringComparison.Ordinal)).Select(X25519Identity.Parse)
                .Concat<AgeIdentity>(fields["passphrase"].Select(passphrase => new PassphraseIdentity(passphrase))).ToList();
            string[] allowed = identities.Count == 0 ? [nameof(AgeFailure.NoMatch), nameof(AgeFailure.Header)] : fields["expect"].Single() switch
            {
                "success" => [fields["payload"].Single()],
                "no match" => [nameof(AgeFailure.NoMatch)],
                "HMAC failure" => [nameof(AgeFailure.Mac)],
                "payload failure" => [nameof(AgeFailure.Payload)],
                _ => [nameof(AgeFailure.Header)],
            };
            return new Vector(fields.Contains("compressed") ? Inflate(file) : file, identities, allowed);
        }

        private static byte[] Inflate(byte[] compressed)
        {
            using var zlib = new ZLibStream(new MemoryStream(compressed), CompressionMode.Decompress);
            using var content = new MemoryStream();
            zlib.CopyTo(content);
            return content.ToArray();
        }
    }
}
