using System.Text;
using System.Xml;

namespace DeepSight.Core.Queues;

/// <summary>What a message may hold. Azure's service sends messages as XML; the directory queue keeps the same limits.</summary>
public static class MessageText
{
    /// <summary>64 KiB of UTF-8.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Azure's default: a message is gone seven days after it was sent.</summary>
    public static readonly TimeSpan DefaultTimeToLive = TimeSpan.FromDays(7);

    /// <exception cref="DeepSightException">Too long, or not to be carried in XML.</exception>
    public static string Check(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) is var bytes && bytes > MaxBytes)
            throw new DeepSightException(FailureKind.InvalidInput, $"The message has {bytes:N0} bytes; a queue takes up to {MaxBytes:N0}.");

        try
        {
            return XmlConvert.VerifyXmlChars(text);
        }
        catch (XmlException e)
        {
            throw new DeepSightException(FailureKind.InvalidInput, "The message holds characters that a queue can't carry.",
                "base64-encode it, or drop its control characters.", e);
        }
    }
}
