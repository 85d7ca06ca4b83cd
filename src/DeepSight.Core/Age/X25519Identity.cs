using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Math.EC.Rfc7748;

namespace DeepSight.Core.Age;

/// <summary>A secret key: <c>AGE-SECRET-KEY-1…</c>.</summary>
public sealed class X25519Identity : AgeIdentity
{
    private const string Prefix = "age-secret-key-";

    private readonly byte[] secret;
    private readonly byte[] point = new byte[X25519.PointSize];

    private X25519Identity(byte[] secret)
    {
        this.secret = secret;
        X25519.ScalarMultBase(secret, 0, point, 0);
    }

    public X25519Recipient Recipient => new(point);

    /// <summary>The key itself, as it is kept.</summary>
    public string Secret => Bech32.Encode(Prefix, secret).ToUpperInvariant();

    public static X25519Identity New() => new(RandomNumberGenerator.GetBytes(X25519.ScalarSize));

    /// <summary>Whether a text holds one, or what is left of one.</summary>
    public static bool IsSecret(string text) => text.Contains(Prefix, StringComparison.OrdinalIgnoreCase);

    /// <exception cref="AgeException">It is no secret key; the message quotes nothing of it.</exception>
    public static X25519Identity Parse(string text)
    {
        if (text.StartsWith("AGE-SECRET-KEY-PQ-", StringComparison.OrdinalIgnoreCase)) throw new AgeException(AgeFailure.Key, "it is a hybrid key, which is not known here");
        if (text.StartsWith("age1", StringComparison.Ordinal)) throw new AgeException(AgeFailure.Key, "it is a public key: a secret one is needed, AGE-SECRET-KEY-1…");
        try
        {
            return new X25519Identity(Bech32.Decode(text, Prefix, X25519.ScalarSize));
        }
        catch (FormatException e)
        {
            throw new AgeException(AgeFailure.Key, e.Message);
        }
    }

    internal override byte[]? Unwrap(Stanza stanza)
    {
        if (stanza.Type != X25519Recipient.StanzaType) return null;
        if (stanza.Arguments is not [var text] || Base64Text.Decode(Encoding.ASCII.GetBytes(text)) is not { Length: X25519.PointSize } share)
            throw new AgeException(AgeFailure.Header, "a stanza of type X25519 has no share of 32 bytes");
        KeyWrap.RequireLength(stanza);

        var shared = new byte[X25519.PointSize];
        if (!X25519.CalculateAgreement(secret, 0, share, 0, shared, 0)) throw new AgeException(AgeFailure.Header, "a stanza of type X25519 has a share of low order");
        return KeyWrap.Unwrap(X25519Recipient.WrapKey(shared, share, point), stanza.Body);
    }
}
