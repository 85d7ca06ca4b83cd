namespace DeepSight.Core.Age;

/// <summary>
/// The content of a file of age v1, binary or armored. Each chunk is given out only once it is proven; that the file is whole is known at
/// its end, so whoever uses the content must read as far.
/// </summary>
internal sealed class AgeReader : ForwardStream
{
    private readonly BufferedInput input;
    private readonly ChunkCipher cipher;
    private readonly byte[] sealedChunk = new byte[ChunkCipher.ChunkBytes + ChunkCipher.TagBytes];
    private readonly byte[] chunk = new byte[ChunkCipher.ChunkBytes];
    private int used;
    private int length;
    private bool ended;

    private AgeReader(BufferedInput input, ChunkCipher cipher) => (this.input, this.cipher) = (input, cipher);

    /// <summary>Whether what begins so is meant to be such a file.</summary>
    public static bool IsStart(ReadOnlySpan<byte> start) => start.StartsWith("age-encryption.org/"u8) || start.StartsWith("-----BEGIN AGE ENCRYPTED FILE-----"u8);

    /// <summary>Reads the header and unwraps the file key. The stream stays its owner's.</summary>
    /// <exception cref="AgeException">It is no such file, or none of the identities opens it.</exception>
    public static async Task<AgeReader> OpenAsync(Stream file, IReadOnlyList<AgeIdentity> identities, CancellationToken cancellationToken)
    {
        var input = new BufferedInput(file);
        if (await input.PeekAsync(cancellationToken) != 'a') input = new BufferedInput(new ArmorStream(input));
        var header = await AgeHeader.ReadAsync(input, cancellationToken);
        var fileKey = header.Unwrap(identities);

        var nonce = new byte[ChunkCipher.PayloadNonceBytes];
        if (await input.ReadFullyAsync(nonce, cancellationToken) < nonce.Length) throw new AgeException(AgeFailure.Header, "it is cut");
        return new AgeReader(input, new ChunkCipher(fileKey, nonce));
    }

    /// <exception cref="AgeException">It was altered, or is cut.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return 0;
        if (used == length && !ended) await NextAsync(cancellationToken);
        var count = Math.Min(buffer.Length, length - used);
        chunk.AsSpan(used, count).CopyTo(buffer.Span);
        used += count;
        return count;
    }

    private async Task NextAsync(CancellationToken cancellationToken)
    {
        var read = await input.ReadFullyAsync(sealedChunk, cancellationToken);
        if (read < ChunkCipher.TagBytes) throw Cut();
        var isLast = read < sealedChunk.Length || await input.PeekAsync(cancellationToken) is null;
        // Only an empty file has an empty chunk.
        if (read == ChunkCipher.TagBytes && !cipher.IsFirst) throw new AgeException(AgeFailure.Payload, "its last chunk is empty");
        cipher.Open(sealedChunk.AsSpan(0, read), isLast, chunk.AsSpan(0, read - ChunkCipher.TagBytes));
        (used, length, ended) = (0, read - ChunkCipher.TagBytes, isLast);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) cipher.Dispose();
        base.Dispose(disposing);
    }

    private static AgeException Cut() => new(AgeFailure.Payload, "it is cut");
}
