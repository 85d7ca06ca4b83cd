using System.Diagnostics;
using DeepSight.Core.Age;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Age;

/// <summary>Ours against age itself, both ways.</summary>
public sealed class AgeToolTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly X25519Identity[] identities = [X25519Identity.New(), X25519Identity.New(), X25519Identity.New()];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<int> Sizes => [0, 1, 65535, 65536, 65537, 131072, 3_000_001, .. Matrix.IsFull ? new[] { 1_000_000_000 } : []];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task What_one_seals_for_several_the_other_opens_for_each(int size)
    {
        var (plain, ours, theirs) = (InFolder("plain"), InFolder("ours.age"), InFolder("theirs.age"));
        await WriteAsync(plain, size);

        await SealAsync(plain, ours);
        await AgeAsync(["-o", theirs, .. identities.SelectMany(identity => new[] { "-r", identity.Recipient.ToString() }), plain]);

        foreach (var identity in identities)
        {
            await File.WriteAllTextAsync(InFolder("key"), identity.Secret + "\n", Cancelled);
            await AgeAsync(["-d", "-i", InFolder("key"), "-o", InFolder("opened"), ours]);
            await SameAsync(plain, File.OpenRead(InFolder("opened")));
            await SameAsync(plain, await AgeReader.OpenAsync(File.OpenRead(theirs), [X25519Identity.New(), X25519Identity.Parse(identity.Secret)], Cancelled));
            if (size > 10_000_000) break;
        }

        if (size > 10_000_000) return;
        await AgeAsync(["-a", "-o", theirs, "-r", identities[0].Recipient.ToString(), plain]);
        await SameAsync(plain, await AgeReader.OpenAsync(File.OpenRead(theirs), identities, Cancelled));
    }

    [Fact]
    public async Task Keys_are_those_of_age_keygen()
    {
        var program = Path.Combine(await Clone.BuiltAsync("local/age", "age"), "bin", "age-keygen");
        await RunAsync(program, ["-o", InFolder("key")]);
        var lines = await File.ReadAllLinesAsync(InFolder("key"), Cancelled);

        Assert.Equal(lines.Single(line => line.Contains("public key: ", StringComparison.Ordinal)).Split(": ")[1], X25519Identity.Parse(lines[^1]).Recipient.ToString());
        Assert.Equal(lines[^1], X25519Identity.Parse(lines[^1]).Secret);
    }

    private string InFolder(string name) => Path.Combine(folder.Path, name);

    private static async Task WriteAsync(string path, int size)
    {
        var random = new Random(size);
        var block = new byte[1 << 20];
        await using var file = File.Create(path);
        for (var left = size; left > 0; left -= block.Length)
        {
            random.NextBytes(block);
            await file.WriteAsync(block.AsMemory(0, Math.Min(left, block.Length)), Cancelled);
        }
    }

    private async Task SealAsync(string plain, string path)
    {
        await using var content = File.OpenRead(plain);
        await using var file = File.Create(path);
        using var writer = new AgeWriter([.. identities.Select(identity => identity.Recipient)], (bytes, token) => file.WriteAsync(bytes, token).AsTask());
        // Neither the chunks' size nor a divisor of it.
        var block = new byte[100_003];
        while (await content.ReadAsync(block, Cancelled) is > 0 and var count) await writer.WriteAsync(block.AsMemory(0, count), Cancelled);
        await writer.CompleteAsync(Cancelled);
    }

    private static async Task SameAsync(string plain, Stream opened)
    {
        await using (opened)
        {
            await using var content = File.OpenRead(plain);
            var (expected, found) = (new byte[1 << 20], new byte[1 << 20]);
            while (true)
            {
                var count = await content.ReadAtLeastAsync(expected, expected.Length, throwOnEndOfStream: false, Cancelled);
                Assert.Equal(count, await opened.ReadAtLeastAsync(found, found.Length, throwOnEndOfStream: false, Cancelled));
                Assert.True(expected.AsSpan(0, count).SequenceEqual(found.AsSpan(0, count)));
                if (count == 0) return;
            }
        }
    }

    private static async Task AgeAsync(string[] arguments) => await RunAsync(Path.Combine(await Clone.BuiltAsync("local/age", "age"), "bin", "age"), arguments);

    private static async Task RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var errors = await process.StandardError.ReadToEndAsync(Cancelled);
        await process.WaitForExitAsync(Cancelled);
        Assert.True(process.ExitCode == 0, errors);
    }
}
