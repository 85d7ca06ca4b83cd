namespace DeepSight.Core.Age;

/// <summary>Bech32 (BIP-173, without its limit of 90 characters), in which age writes keys. Its checksum tells which character is mistyped.</summary>
internal static class Bech32
{
    private const string Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const int ChecksumLength = 6;

    /// <summary>In lower case.</summary>
    public static string Encode(string prefix, ReadOnlySpan<byte> bytes)
    {
        var values = Regroup(bytes, 8, 5, pad: true)!;
        var sum = Polymod(prefix, [.. values, .. new byte[ChecksumLength]]) ^ 1;
        var checksum = Enumerable.Range(0, ChecksumLength).Select(i => (byte)(sum >> (5 * (ChecksumLength - 1 - i)) & 31));
        return prefix + "1" + string.Concat(values.Concat(checksum).Select(value => Alphabet[value]));
    }

    /// <summary>The bytes behind <paramref name="prefix"/>.</summary>
    /// <param name="prefix">In lower case, without the separator.</param>
    /// <param name="length">How many bytes it must be.</param>
    /// <exception cref="FormatException">It is none; the message says where and quotes nothing.</exception>
    public static byte[] Decode(string text, string prefix, int length)
    {
        if (text.Any(char.IsAsciiLetterLower) && text.Any(char.IsAsciiLetterUpper)) throw new FormatException("it mixes upper and lower case");
        var expected = prefix.Length + 1 + (length * 8 + 4) / 5 + ChecksumLength;
        if (text.Length != expected) throw new FormatException($"it has {text.Length} characters in place of {expected}");

        var lower = text.ToLowerInvariant();
        if (!lower.StartsWith(prefix + "1", StringComparison.Ordinal)) throw new FormatException($"it does not begin with {prefix}1");
        var values = new byte[lower.Length - prefix.Length - 1];
        for (var i = 0; i < values.Length; i++)
        {
            var value = Alphabet.IndexOf(lower[prefix.Length + 1 + i], StringComparison.Ordinal);
            if (value < 0) throw new FormatException($"its character {prefix.Length + 2 + i} can't be part of a key");
            values[i] = (byte)value;
        }

        if (Polymod(prefix, values) != 1)
            throw new FormatException(Mistyped(prefix, values) is { } place
                ? $"its character {prefix.Length + 2 + place} is mistyped"
                : "its checksum is wrong: more than one character is mistyped");
        return Regroup(values.AsSpan()[..^ChecksumLength], 5, 8, pad: false) ?? throw new FormatException("its last bits are not zero");
    }

    /// <summary>The one place where another character makes the checksum right; null when there is none.</summary>
    private static int? Mistyped(string prefix, byte[] values)
    {
        for (var place = 0; place < values.Length; place++)
        {
            var typed = values[place];
            for (byte other = 0; other < 32; other++)
            {
                values[place] = other;
                if (other != typed && Polymod(prefix, values) == 1) return place;
            }

            values[place] = typed;
        }

        return null;
    }

    private static uint Polymod(string prefix, IEnumerable<byte> values)
    {
        ReadOnlySpan<uint> generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
        var sum = 1u;
        foreach (var value in prefix.Select(c => (byte)(c >> 5)).Append((byte)0).Concat(prefix.Select(c => (byte)(c & 31))).Concat(values))
        {
            var top = sum >> 25;
            sum = (sum & 0x1ffffff) << 5 ^ value;
            for (var i = 0; i < generator.Length; i++)
                if ((top >> i & 1) != 0) sum ^= generator[i];
        }

        return sum;
    }

    /// <summary>Null when bits are left over that are not zero.</summary>
    private static byte[]? Regroup(ReadOnlySpan<byte> from, int fromBits, int toBits, bool pad)
    {
        var to = new List<byte>();
        int pending = 0, bits = 0;
        foreach (var value in from)
        {
            pending = (pending << fromBits | value) & 0xfff;
            bits += fromBits;
            while (bits >= toBits)
            {
                bits -= toBits;
                to.Add((byte)(pending >> bits & ((1 << toBits) - 1)));
            }
        }

        var rest = pending & ((1 << bits) - 1);
        if (pad && bits > 0) to.Add((byte)(rest << (toBits - bits)));
        return pad || rest == 0 ? [.. to] : null;
    }
}
