using System.Security.Cryptography;

namespace DeepSight.Core.Age;

/// <summary>Whom a file is sealed for.</summary>
public abstract class AgeRecipient
{
    /// <summary>Eight hexadecimal digits, by which people tell recipients apart; a passphrase has none of its own.</summary>
    public abstract string Fingerprint { get; }

    internal abstract Stanza Wrap(byte[] fileKey);
}

/// <summary>What a file is opened with.</summary>
public abstract class AgeIdentity
{
    /// <summary>The file key, or null when the stanza is for somebody else.</summary>
    /// <exception cref="AgeException">The stanza is not of the format (<see cref="AgeFailure.Header"/>).</exception>
    internal abstract byte[]? Unwrap(Stanza stanza);
}

/// <summary>How a file key is wrapped in a stanza's body: ChaCha20-Poly1305 with a zero nonce, each wrapping key being used once.</summary>
internal static class KeyWrap
{
    public const int FileKeyBytes = 16;

    private const int TagBytes = 16;
    private static readonly byte[] Nonce = new byte[12];

    public static byte[] Wrap(byte[] wrapKey, byte[] fileKey)
    {
        var body = new byte[FileKeyBytes + TagBytes];
        using var cipher = new ChaCha20Poly1305(wrapKey);
        cipher.Encrypt(Nonce, fileKey, body.AsSpan(0, FileKeyBytes), body.AsSpan(FileKeyBytes));
        return body;
    }

    /// <summary>A body of another length is refused before it is decrypted: it could be made to open under two keys.</summary>
    public static void RequireLength(Stanza stanza)
    {
        if (stanza.Body.Length != FileKeyBytes + TagBytes) throw new AgeException(AgeFailure.Header, $"a stanza of type {stanza.Type} has a body of {stanza.Body.Length} bytes");
    }

    /// <summary>Null when the key doesn't open it.</summary>
    public static byte[]? Unwrap(byte[] wrapKey, byte[] body)
    {
        var fileKey = new byte[FileKeyBytes];
        using var cipher = new ChaCha20Poly1305(wrapKey);
        try
        {
            cipher.Decrypt(Nonce, body.AsSpan(0, FileKeyBytes), body.AsSpan(FileKeyBytes), fileKey);
            return fileKey;
        }
        catch (AuthenticationTagMismatchException)
        {
            // Sealed for another key: the next one may fit.
            return null;
        }
    }
}
