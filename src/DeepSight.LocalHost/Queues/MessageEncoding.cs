using System.Text;

namespace DeepSight.LocalHost.Queues;

/// <summary>host.json's <c>messageEncoding</c>: texts as they are, or as base64 of their UTF-8.</summary>
internal static class MessageEncoding
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Encode(string text, bool base64) => base64 ? Convert.ToBase64String(Utf8.GetBytes(text)) : text;

    /// <exception cref="FormatException">It should be base64 of UTF-8 and isn't.</exception>
    public static string Decode(string text, bool base64)
    {
        try
        {
            return base64 ? Utf8.GetString(Convert.FromBase64String(text)) : text;
        }
        catch (ArgumentException e)
        {
            throw new FormatException("The message is not base64 of UTF-8 text.", e);
        }
    }
}
