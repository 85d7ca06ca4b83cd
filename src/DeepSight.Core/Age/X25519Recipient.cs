using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Math.EC.Rfc7748;

namespace DeepSight.Core.Age;

/// <summary>A public key: <c>age1…</c>.</summary>
public sealed class X25519Recipient : AgeRecipient
{
    internal const string StanzaType = "X25519";

    private const string Prefix = "age";
    private readonly byte[] point;

    internal X25519Recipient(byte[] point) => this.point = point;

    public override string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(point))[..8];

    public override string ToString() => Bech32.Encode(Prefix, point);

    /// <exception cref="AgeException">It is no public key; a secret one in its place is not quoted.</exception>
    public static X25519Recipient Parse(string text)
    {
        if (X25519Identity.IsSecret(text)) throw new AgeException(AgeFailure.Key, "it is a secret key (not shown here): a public one is needed, age1…");
        if (text.StartsWith("age1pq1", StringComparison.Ordinal)) throw new AgeException(AgeFailure.Key, "it is a hybrid key, which is not known here");
        try
        {
            return new X25519Recipient(Bech32.Decode(text, Prefix, X25519.PointSize));
        }
        catch (FormatException e)
        {
            throw new AgeException(AgeFailure.Key, e.Message);
        }
    }

    internal override Stanza Wrap(byte[] fileKey)
    {
        var (secret, share, shared) = (RandomNumberGenerator.GetBytes(X25519.ScalarSize), new byte[X25519.PointSize], new byte[X25519.PointSize]);
        X25519.ScalarMultBase(secret, 0, share, 0);
        if (!X25519.CalculateAgreement(secret, 0, point, 0, shared, 0)) throw new AgeException(AgeFailure.Key, "the recipient is no point that a secret could be shared with");
        return new Stanza(StanzaType, [Base64Text.Encode(share)], KeyWrap.Wrap(WrapKey(shared, share, point), fileKey));
    }

    internal static byte[] WrapKey(byte[] shared, byte[] share, byte[] recipient) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, 32, [.. share, .. recipient], Encoding.ASCII.GetBytes("age-encryption.org/v1/X25519"));
}
