using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Org.BouncyCastle.Crypto.Generators;

namespace DeepSight.Core.Age;

/// <summary>A passphrase to seal with; it is alone in its header.</summary>
public sealed class PassphraseRecipient(string passphrase) : AgeRecipient
{
    public override string Fingerprint => "passphrase";

    internal override Stanza Wrap(byte[] fileKey)
    {
        var salt = RandomNumberGenerator.GetBytes(Scrypt.SaltBytes);
        return new Stanza(Scrypt.StanzaType, [Base64Text.Encode(salt), Scrypt.MostWorkFactor.ToString(CultureInfo.InvariantCulture)],
            KeyWrap.Wrap(Scrypt.WrapKey(passphrase, salt, Scrypt.MostWorkFactor), fileKey));
    }
}

/// <summary>A passphrase to open with.</summary>
public sealed class PassphraseIdentity(string passphrase) : AgeIdentity
{
    internal override byte[]? Unwrap(Stanza stanza)
    {
        if (stanza.Type != Scrypt.StanzaType) return null;
        if (stanza.Arguments is not [var text, var factor] || Base64Text.Decode(Encoding.ASCII.GetBytes(text)) is not { Length: Scrypt.SaltBytes } salt)
            throw new AgeException(AgeFailure.Header, "the stanza of the passphrase has no salt of 16 bytes");
        KeyWrap.RequireLength(stanza);
        return KeyWrap.Unwrap(Scrypt.WrapKey(passphrase, salt, Scrypt.WorkFactor(factor)), stanza.Body);
    }
}

/// <summary>From a passphrase to a key (RFC 7914): r = 8, p = 1, N = 2^work factor.</summary>
internal static partial class Scrypt
{
    public const string StanzaType = "scrypt";
    public const int SaltBytes = 16;

    /// <summary>
    /// Takes 64 MiB and about a second. What we write has it; a file that asks for more could be meant to exhaust the machine.
    /// age itself writes 18 (256 MiB).
    /// </summary>
    public const int MostWorkFactor = 16;

    public static byte[] WrapKey(string passphrase, byte[] salt, int workFactor) =>
        SCrypt.Generate(Encoding.UTF8.GetBytes(passphrase), [.. Encoding.ASCII.GetBytes("age-encryption.org/v1/scrypt"), .. salt], 1 << workFactor, 8, 1, 32);

    /// <exception cref="AgeException">It is no number, or beyond what is worked for.</exception>
    public static int WorkFactor(string text)
    {
        if (!Number().IsMatch(text)) throw new AgeException(AgeFailure.Header, "the work factor of the passphrase is no number");
        return text.Length <= 2 && int.Parse(text, CultureInfo.InvariantCulture) is <= MostWorkFactor and var factor ? factor
            : throw new AgeException(AgeFailure.Header, $"the passphrase's work factor is 2^{text}, above the limit of 2^{MostWorkFactor}; `age -d` may open it");
    }

    [GeneratedRegex(@"\A[1-9][0-9]{0,9}\z")]
    private static partial Regex Number();
}
