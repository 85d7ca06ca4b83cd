using System.Buffers.Binary;
using System.Security.Cryptography;

namespace DeepSight.Core.Age;

/// <summary>Seals and opens the payload's chunks in order; the last one is marked, so that a cut is noticed.</summary>
internal sealed class ChunkCipher(byte[] fileKey, byte[] payloadNonce) : IDisposable
{
    public const int ChunkBytes = 1 << 16;
    public const int TagBytes = 16;
    public const int PayloadNonceBytes = 16;

    private readonly ChaCha20Poly1305 cipher = new(HKDF.DeriveKey(HashAlgorithmName.SHA256, fileKey, 32, payloadNonce, "payload"u8.ToArray()));
    private readonly byte[] nonce = new byte[12];
    private ulong counter;

    public bool IsFirst => counter == 0;

    /// <param name="sealedChunk">Of the chunk's length and <see cref="TagBytes"/>.</param>
    public void Seal(ReadOnlySpan<byte> chunk, bool isLast, Span<byte> sealedChunk) =>
        cipher.Encrypt(Next(isLast), chunk, sealedChunk[..chunk.Length], sealedChunk[chunk.Length..]);

    /// <exception cref="AgeException">It was altered, or is not the chunk that belongs here.</exception>
    public void Open(ReadOnlySpan<byte> sealedChunk, bool isLast, Span<byte> chunk)
    {
        try
        {
            cipher.Decrypt(Next(isLast), sealedChunk[..^TagBytes], sealedChunk[^TagBytes..], chunk);
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new AgeException(AgeFailure.Payload, isLast ? "its end was altered or is missing" : $"its chunk {counter} was altered");
        }
    }

    public void Dispose() => cipher.Dispose();

    /// <summary>Eleven bytes of counter, big-endian, and the mark of the last.</summary>
    private byte[] Next(bool isLast)
    {
        BinaryPrimitives.WriteUInt64BigEndian(nonce.AsSpan(3), counter++);
        nonce[^1] = isLast ? (byte)1 : (byte)0;
        return nonce;
    }
}
