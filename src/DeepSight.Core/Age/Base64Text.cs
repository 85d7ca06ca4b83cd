using System.Buffers;
using System.Buffers.Text;

namespace DeepSight.Core.Age;

/// <summary>Base64 that has one spelling only: no other padding, no whitespace, no stray bits.</summary>
internal static class Base64Text
{
    /// <summary>Without padding, as headers have it.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    /// <summary>Null for what <see cref="Encode"/> would not have written.</summary>
    public static byte[]? Decode(ReadOnlySpan<byte> text)
    {
        var padding = (4 - text.Length % 4) % 4;
        return text.Contains((byte)'=') ? null : DecodePadded([.. text, .. "==="u8[..padding]]);
    }

    /// <summary>With padding, as armor has it; null for any other spelling.</summary>
    public static byte[]? DecodePadded(ReadOnlySpan<byte> text)
    {
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        if (Base64.DecodeFromUtf8(text, bytes, out var read, out var written) != OperationStatus.Done || read != text.Length) return null;

        var again = new byte[Base64.GetMaxEncodedToUtf8Length(written)];
        return Base64.EncodeToUtf8(bytes.AsSpan(0, written), again, out _, out var length) == OperationStatus.Done && again.AsSpan(0, length).SequenceEqual(text)
            ? bytes[..written]
            : null;
    }
}
