using System.Security.Cryptography;
using System.Text;

namespace DeepSight.Core.Age;

/// <summary>What a file begins with: the file key, wrapped once for each recipient, and a MAC over all of it.</summary>
internal sealed class AgeHeader
{
    private const int MostStanzas = 256;
    private const int MostBytes = 1 << 19;
    private const int Columns = 64;
    private const string Version = "age-encryption.org/v1";

    private readonly List<Stanza> stanzas = [];
    private readonly List<byte> text = [];
    private byte[] mac = [];

    /// <summary>The whole header in bytes.</summary>
    /// <exception cref="AgeException">A passphrase stands beside other recipients.</exception>
    public static byte[] Write(byte[] fileKey, IReadOnlyList<AgeRecipient> recipients)
    {
        if (recipients.Count == 0) throw new AgeException(AgeFailure.Key, "there is no recipient");
        if (recipients.Count > 1 && recipients.Any(recipient => recipient is PassphraseRecipient))
            throw new AgeException(AgeFailure.Key, "a passphrase can't stand beside other recipients");

        var header = new StringBuilder(Version).Append('\n');
        foreach (var stanza in recipients.Select(recipient => recipient.Wrap(fileKey)))
        {
            header.Append("-> ").AppendJoin(' ', stanza.Arguments.Prepend(stanza.Type)).Append('\n');
            var body = Base64Text.Encode(stanza.Body);
            for (var i = 0; i <= body.Length; i += Columns) header.Append(body.AsSpan(i, Math.Min(Columns, body.Length - i))).Append('\n');
        }

        header.Append("---");
        var mac = Mac(fileKey, Encoding.ASCII.GetBytes(header.ToString()));
        return Encoding.ASCII.GetBytes(header.Append(' ').Append(Base64Text.Encode(mac)).Append('\n').ToString());
    }

    /// <exception cref="AgeException">It is not of the format, of another version, or beyond its limits.</exception>
    public static async Task<AgeHeader> ReadAsync(BufferedInput input, CancellationToken cancellationToken)
    {
        var header = new AgeHeader();
        if (!(await header.LineAsync(input, cancellationToken)).AsSpan().SequenceEqual(Encoding.ASCII.GetBytes(Version))) throw Wrong($"it is no file of {Version}");
        while (true)
        {
            var line = await header.LineAsync(input, cancellationToken);
            if (line.AsSpan().StartsWith("---"u8))
            {
                header.mac = line.AsSpan().StartsWith("--- "u8) && Base64Text.Decode(line.AsSpan(4)) is { Length: 32 } mac ? mac : throw Wrong("its MAC can't be read");
                // The MAC covers the header through the three hyphens.
                header.text.RemoveRange(header.text.Count - line.Length - 1 + 3, line.Length + 1 - 3);
                return header.Checked();
            }

            if (header.stanzas.Count == MostStanzas) throw Wrong($"it has more than {MostStanzas} stanzas");
            header.stanzas.Add(await header.StanzaAsync(line, input, cancellationToken));
        }
    }

    /// <summary>The file key, by the first identity that opens it.</summary>
    /// <exception cref="AgeException">None does, a stanza is not of the format, or the MAC is wrong.</exception>
    public byte[] Unwrap(IReadOnlyList<AgeIdentity> identities)
    {
        var fileKey = (from identity in identities from stanza in stanzas select identity.Unwrap(stanza)).FirstOrDefault(key => key is not null)
            ?? throw new AgeException(AgeFailure.NoMatch, identities.Count == 0 ? "there is no identity to open it with" : "none of the identities opens it");
        return CryptographicOperations.FixedTimeEquals(Mac(fileKey, [.. text]), mac) ? fileKey
            : throw new AgeException(AgeFailure.Mac, "its header was altered");
    }

    private AgeHeader Checked() =>
        stanzas.Count > 1 && stanzas.Exists(stanza => stanza.Type == Scrypt.StanzaType) ? throw Wrong("a passphrase stands beside other recipients")
        : stanzas.Count == 0 ? throw Wrong("it has no recipients")
        : this;

    private async Task<Stanza> StanzaAsync(byte[] line, BufferedInput input, CancellationToken cancellationToken)
    {
        if (!line.AsSpan().StartsWith("-> "u8)) throw Wrong("a stanza does not begin with an arrow");
        var parts = Encoding.Latin1.GetString(line, 3, line.Length - 3).Split(' ');
        if (parts.Any(part => part.Length == 0 || part.Any(c => c is < '!' or > '~'))) throw Wrong("a stanza's arguments can't be read");

        var body = new List<byte>();
        while (true)
        {
            var encoded = await LineAsync(input, cancellationToken);
            if (encoded.Length > Columns || Base64Text.Decode(encoded) is not { } bytes) throw Wrong("a stanza's body can't be read");
            body.AddRange(bytes);
            if (encoded.Length < Columns) return new Stanza(parts[0], parts[1..], [.. body]);
        }
    }

    private async Task<byte[]> LineAsync(BufferedInput input, CancellationToken cancellationToken)
    {
        var line = await input.ReadLineAsync(MostBytes - text.Count, cancellationToken) ?? throw Wrong("it is cut, or far too long");
        text.AddRange(line);
        text.Add((byte)'\n');
        return line;
    }

    private static byte[] Mac(byte[] fileKey, byte[] header) =>
        HMACSHA256.HashData(HKDF.DeriveKey(HashAlgorithmName.SHA256, fileKey, 32, info: "header"u8.ToArray()), header);

    private static AgeException Wrong(string what) => new(AgeFailure.Header, "its header is damaged: " + what);
}
