using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace DeepSight.Core.Dumps.Signing;

/// <summary>An Ed25519 key that signs manifests: PKCS#8 as <c>openssl genpkey -algorithm ed25519</c> writes it, PEM or its base64 alone.</summary>
public sealed partial class SigningKey
{
    /// <summary>PKCS#8 of an Ed25519 key up to its 32 bytes (RFC 8410, section 7).</summary>
    private static readonly byte[] Prefix = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

    private readonly byte[] seed;

    private SigningKey(byte[] seed)
    {
        this.seed = seed;
        var point = new byte[Ed25519.PublicKeySize];
        Ed25519.GeneratePublicKey(seed, 0, point, 0);
        Public = new PublicKey(point);
    }

    public PublicKey Public { get; }

    /// <summary>For BACKUP_SIGNING_KEY.</summary>
    public string Secret => Convert.ToBase64String([.. Prefix, .. seed]);

    public static SigningKey New() => new(RandomNumberGenerator.GetBytes(Ed25519.SecretKeySize));

    /// <summary>Null for what is no such key.</summary>
    public static SigningKey? TryParse(string text) => Decode(text, Prefix) is { } seed ? new SigningKey(seed) : null;

    public byte[] Sign(byte[] content)
    {
        var signature = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(seed, 0, content, 0, content.Length, signature, 0);
        return signature;
    }

    /// <summary>The 32 bytes behind this prefix.</summary>
    internal static byte[]? Decode(string text, byte[] prefix)
    {
        const int keySize = 32;
        var bytes = new byte[prefix.Length + keySize];
        return Convert.TryFromBase64String(PemLine().Replace(text, ""), bytes, out var length) && length == bytes.Length && bytes.AsSpan().StartsWith(prefix)
            ? bytes[prefix.Length..]
            : null;
    }

    [GeneratedRegex(@"-----[A-Z ]+-----|\\n|\s")]
    private static partial Regex PemLine();
}
