using System.Security.Cryptography;

namespace DeepSight.Core.Age;

/// <summary>
/// Writes a file of age v1 (https://age-encryption.org/v1) as it comes, in chunks of 64 KiB. Only <see cref="CompleteAsync"/> writes the last
/// chunk: without it, the file counts as cut.
/// </summary>
/// <param name="write">Takes the sealed bytes; they are its own until its task ends.</param>
public sealed class AgeWriter(IReadOnlyList<AgeRecipient> recipients, Func<ReadOnlyMemory<byte>, CancellationToken, Task> write) : IDisposable
{
    private const int ChunksAtOnce = 16;
    private const int SealedChunkBytes = ChunkCipher.ChunkBytes + ChunkCipher.TagBytes;

    private readonly byte[] chunk = new byte[ChunkCipher.ChunkBytes];
    private readonly byte[] output = new byte[ChunksAtOnce * SealedChunkBytes];
    private int filled;
    private int ready;
    private ChunkCipher? cipher;

    public async Task WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await BeginAsync(cancellationToken);
        while (!content.IsEmpty)
        {
            // A chunk that is full may be the last one: it waits for the next byte.
            if (filled == chunk.Length) await SealAsync(isLast: false, cancellationToken);
            var count = Math.Min(chunk.Length - filled, content.Length);
            content.Span[..count].CopyTo(chunk.AsSpan(filled));
            filled += count;
            content = content[count..];
        }

        await FlushAsync(cancellationToken);
    }

    /// <summary>Nothing can be written after it.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await BeginAsync(cancellationToken);
        await SealAsync(isLast: true, cancellationToken);
        await FlushAsync(cancellationToken);
    }

    /// <summary>A whole small file at once.</summary>
    public static async Task<byte[]> SealAsync(ReadOnlyMemory<byte> content, IReadOnlyList<AgeRecipient> recipients, CancellationToken cancellationToken)
    {
        using var file = new MemoryStream();
        using var writer = new AgeWriter(recipients, (bytes, token) => file.WriteAsync(bytes, token).AsTask());
        await writer.WriteAsync(content, cancellationToken);
        await writer.CompleteAsync(cancellationToken);
        return file.ToArray();
    }

    public void Dispose() => cipher?.Dispose();

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (cipher is not null) return;

        // Never used again: two files of one key would have their chunks interchangeable.
        var fileKey = RandomNumberGenerator.GetBytes(KeyWrap.FileKeyBytes);
        var nonce = RandomNumberGenerator.GetBytes(ChunkCipher.PayloadNonceBytes);
        var header = AgeHeader.Write(fileKey, recipients);
        cipher = new ChunkCipher(fileKey, nonce);
        await write((byte[])[.. header, .. nonce], cancellationToken);
    }

    private async Task SealAsync(bool isLast, CancellationToken cancellationToken)
    {
        if (ready + SealedChunkBytes > output.Length) await FlushAsync(cancellationToken);
        cipher!.Seal(chunk.AsSpan(0, filled), isLast, output.AsSpan(ready, filled + ChunkCipher.TagBytes));
        ready += filled + ChunkCipher.TagBytes;
        filled = 0;
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (ready == 0) return;
        var length = ready;
        ready = 0;
        await write(output.AsMemory(0, length), cancellationToken);
    }
}
