using System.Text;
using DeepSight.Core.Age;

namespace DeepSight.Tests.Age;

/// <summary>Files and keys that are damaged, hostile or mistyped.</summary>
public sealed class AgeFileTests
{
    private static readonly X25519Identity Identity = X25519Identity.New();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_changed_by_chance_gives_its_own_content_or_fails()
    {
        var content = new byte[70_000];
        new Random(1).NextBytes(content);
        var sealedFile = await AgeWriter.SealAsync(content, [X25519Identity.New().Recipient, Identity.Recipient], Cancelled);
        var random = new Random(2);
        for (var i = 0; i < (Matrix.IsFull ? 100_000 : 3_000); i++)
        {
            var changed = Mutate(sealedFile, random);
            try
            {
                await using var opened = await AgeReader.OpenAsync(new MemoryStream(changed), [Identity, new PassphraseIdentity("wrong")], Cancelled);
                using var found = new MemoryStream();
                await opened.CopyToAsync(found, Cancelled);
                Assert.True(found.GetBuffer().AsSpan(0, (int)found.Length).SequenceEqual(content), $"Mutation {i} gave another content.");
            }
            catch (AgeException)
            {
                // Refused, as it should be.
            }
        }
    }

    /// <summary>What lies in the middle of the payload is one chunk for the cipher: most changes go where parsers decide.</summary>
    private static byte[] Mutate(byte[] file, Random random)
    {
        var changed = file.ToList();
        var header = file.AsSpan().IndexOf("--- "u8) + 64;
        for (var times = random.Next(1, 4); times > 0 && changed.Count > 1; times--)
        {
            var at = random.Next(5) switch { 0 => random.Next(changed.Count), 1 => changed.Count - 1 - random.Next(Math.Min(5000, changed.Count)), _ => random.Next(Math.Min(header, changed.Count)) };
            switch (random.Next(6))
            {
                case 0: changed[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: changed.Insert(at, (byte)"\n -=\r0AX\xFF"[random.Next(9)]); break;
                case 2: changed.RemoveAt(at); break;
                case 3: changed.RemoveRange(at, Math.Min(changed.Count - at, random.Next(1, 200))); break;
                case 4: changed.InsertRange(at, changed.GetRange(at, Math.Min(changed.Count - at, random.Next(1, 200)))); break;
                default: changed.RemoveRange(Math.Max(at, 1), changed.Count - Math.Max(at, 1)); break;
            }
        }

        return [.. changed];
    }

    [Theory]
    [InlineData("flipped in the first chunk", 16)]
    [InlineData("flipped in the last chunk", 70_000)]
    [InlineData("flipped in the nonce", 3)]
    public async Task A_flipped_byte_of_the_payload_is_found(string what, int at)
    {
        var file = await AgeWriter.SealAsync(new byte[70_000], [Identity.Recipient], Cancelled);
        file[PayloadOf(file) + at] ^= 1;

        Assert.True(AgeFailure.Payload == await FailureAsync(file), what);
    }

    [Fact]
    public async Task Chunks_that_are_cut_doubled_or_out_of_order_are_found()
    {
        var file = await AgeWriter.SealAsync(new byte[3 * 65536], [Identity.Recipient], Cancelled);
        var first = PayloadOf(file) + 16;
        const int chunk = 65536 + 16;
        byte[] Part(int from, int to) => file[(first + from * chunk)..(first + to * chunk)];

        Assert.Equal(AgeFailure.Payload, await FailureAsync(file[..(first + 2 * chunk)]));
        Assert.Equal(AgeFailure.Payload, await FailureAsync(file[..first]));
        Assert.Equal(AgeFailure.Payload, await FailureAsync([.. file, .. Part(2, 3)]));
        Assert.Equal(AgeFailure.Payload, await FailureAsync([.. file[..first], .. Part(1, 2), .. Part(0, 1), .. Part(2, 3)]));
        Assert.Null(await FailureAsync([.. file[..first], .. Part(0, 3)]));
    }

    [Fact]
    public async Task No_two_files_have_a_key_or_a_nonce_in_common()
    {
        var files = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AgeWriter.SealAsync("same"u8.ToArray(), [Identity.Recipient], Cancelled)));

        Assert.Equal(20, files.Select(file => Convert.ToHexString(file.AsSpan(PayloadOf(file)))).Distinct().Count());
        Assert.Equal(20, files.Select(file => Encoding.ASCII.GetString(file).Split('\n')[2]).Distinct().Count());
    }

    [Theory]
    [InlineData("-> other x\n\n", 10_000, "stanzas")]
    [InlineData("-> other aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 100_000, "too long")]
    [InlineData("AAAA", 1_000_000, "too long")]
    public async Task A_header_without_end_is_refused_early(string piece, int times, string words)
    {
        var file = Encoding.ASCII.GetBytes("age-encryption.org/v1\n" + string.Concat(Enumerable.Repeat(piece, times)));

        var failure = await Assert.ThrowsAsync<AgeException>(() => AgeReader.OpenAsync(new MemoryStream(file), [Identity], Cancelled));

        Assert.Equal(AgeFailure.Header, failure.Failure);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_passphrase_opens_what_it_sealed_and_a_work_factor_beyond_the_limit_is_refused()
    {
        var file = await AgeWriter.SealAsync("content"u8.ToArray(), [new PassphraseRecipient("correct horse")], Cancelled);

        await using var opened = await AgeReader.OpenAsync(new MemoryStream(file), [Identity, new PassphraseIdentity("correct horse")], Cancelled);
        Assert.Equal("content", await new StreamReader(opened).ReadToEndAsync(Cancelled));
        Assert.Equal(AgeFailure.NoMatch, (await Assert.ThrowsAsync<AgeException>(() => AgeReader.OpenAsync(new MemoryStream(file), [new PassphraseIdentity("wrong")], Cancelled))).Failure);
        var costly = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(file).Replace(" 16\n", " 22\n", StringComparison.Ordinal));
        var failure = await Assert.ThrowsAsync<AgeException>(() => AgeReader.OpenAsync(new MemoryStream(costly), [new PassphraseIdentity("correct horse")], Cancelled));
        Assert.Contains("above the limit", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<AgeException>(() => AgeWriter.SealAsync(default, [new PassphraseRecipient("x"), Identity.Recipient], Cancelled));
    }

    [Fact]
    public void A_mistyped_key_is_told_by_its_character_and_a_secret_one_is_not_quoted()
    {
        var recipient = Identity.Recipient.ToString();
        for (var at = 4; at < recipient.Length; at++)
        {
            var typed = recipient[..at] + (recipient[at] == 'q' ? 'p' : 'q') + recipient[(at + 1)..];
            Assert.Contains($"its character {at + 1} is mistyped", Assert.Throws<AgeException>(() => X25519Recipient.Parse(typed)).Message, StringComparison.Ordinal);
        }

        Says(recipient[..10] + "b" + recipient[11..], "its character 11 can't be part of a key");
        Says(recipient[..^1], "has 61 characters in place of 62");
        Says(recipient[..20] + Swap(recipient[20]) + Swap(recipient[21]) + recipient[22..], "more than one character");
        Says(recipient[..20] + recipient[20..].ToUpperInvariant() + (recipient[20..].Any(char.IsAsciiLetter) ? "" : "A"), "mixes upper and lower case");
        Says("age1pq1" + recipient, "hybrid");
        Says(Identity.Secret, "secret key");
        Assert.DoesNotContain(Identity.Secret[20..30], Assert.Throws<AgeException>(() => X25519Recipient.Parse(Identity.Secret)).Message, StringComparison.Ordinal);
        Assert.Contains("is mistyped", Assert.Throws<AgeException>(() => X25519Identity.Parse(Identity.Secret[..30] + (Identity.Secret[30] == 'Q' ? 'P' : 'Q') + Identity.Secret[31..])).Message, StringComparison.Ordinal);
        Assert.Contains("public key", Assert.Throws<AgeException>(() => X25519Identity.Parse(recipient)).Message, StringComparison.Ordinal);

        static char Swap(char c) => c == 'q' ? 'p' : 'q';

        static void Says(string key, string words) => Assert.Contains(words, Assert.Throws<AgeException>(() => X25519Recipient.Parse(key)).Message, StringComparison.Ordinal);
    }

    private static int PayloadOf(byte[] file)
    {
        var mac = file.AsSpan().IndexOf("\n--- "u8) + 1;
        return mac + file.AsSpan(mac).IndexOf((byte)'\n') + 1;
    }

    private static async Task<AgeFailure?> FailureAsync(byte[] file)
    {
        try
        {
            await using var opened = await AgeReader.OpenAsync(new MemoryStream(file), [Identity], Cancelled);
            await opened.CopyToAsync(Stream.Null, Cancelled);
            return null;
        }
        catch (AgeException e)
        {
            return e.Failure;
        }
    }
}
