using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace DeepSight.Core.Dumps.Signing;

/// <summary>What a signature is checked with: SubjectPublicKeyInfo as <c>openssl pkey -pubout</c> writes it, PEM or its base64 alone.</summary>
public sealed class PublicKey(byte[] point)
{
    /// <summary>SubjectPublicKeyInfo of an Ed25519 key up to its 32 bytes (RFC 8410, section 4).</summary>
    private static readonly byte[] Prefix = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

    /// <summary>Eight hexadecimal digits, by which a signature names its key.</summary>
    public string Id { get; } = Convert.ToHexStringLower(SHA256.HashData(point))[..8];

    /// <summary>For RESTORE_TRUSTED_KEYS.</summary>
    public override string ToString() => Convert.ToBase64String([.. Prefix, .. point]);

    /// <summary>Null for what is no such key.</summary>
    public static PublicKey? TryParse(string text) => SigningKey.Decode(text, Prefix) is { } point ? new PublicKey(point) : null;

    public bool Verifies(byte[] content, byte[] signature) =>
        signature.Length == Ed25519.SignatureSize && Ed25519.Verify(signature, 0, point, 0, content, 0, content.Length);
}
