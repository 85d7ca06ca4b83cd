using System.Security.Cryptography;
using System.Text;
using DeepSight.Core;
using DeepSight.LocalHost.Settings;
using Microsoft.AspNetCore.Http;

namespace DeepSight.LocalHost.Http;

/// <summary>
/// The keys that requests show in <c>x-functions-key</c> or <c>?code=</c>. <c>DEEPSIGHT_FUNCTION_KEY</c> opens level Function;
/// <c>DEEPSIGHT_MASTER_KEY</c> opens everything, <c>/admin</c> included. With neither, nothing asks for a key.
/// </summary>
internal sealed class KeyRing
{
    public const string FunctionKeySetting = "DEEPSIGHT_FUNCTION_KEY";
    public const string MasterKeySetting = "DEEPSIGHT_MASTER_KEY";
    private const int ShortestKey = 16;
    private readonly byte[]? functionKey;
    private readonly byte[]? masterKey;

    /// <exception cref="DeepSightException">A key is too short to be one.</exception>
    public KeyRing(AppSettings settings)
    {
        functionKey = Hash(settings, FunctionKeySetting);
        masterKey = Hash(settings, MasterKeySetting);
    }

    public bool IsConfigured => functionKey is not null || masterKey is not null;

    /// <summary>Whether the request may do what needs that level.</summary>
    public bool Admits(HttpRequest request, AccessLevel level) => !IsConfigured || level switch
    {
        AccessLevel.Anonymous => true,
        AccessLevel.Function => Shows(request, functionKey) | Shows(request, masterKey),
        _ => Shows(request, masterKey),
    };

    /// <summary>Whether the request carries the master key; never where none is set.</summary>
    public bool ShowsMaster(HttpRequest request) => Shows(request, masterKey);

    private static bool Shows(HttpRequest request, byte[]? key)
    {
        // As in the real host a header, even a wrong one, makes the query not count.
        var shown = request.Headers.TryGetValue("x-functions-key", out var header) ? header.ToString() : request.Query["code"].ToString();

        // Hashes have one length, so that the comparison's time tells nothing, not even that of the key.
        return key is not null && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(shown)), key);
    }

    private static byte[]? Hash(AppSettings settings, string name)
    {
        if (settings.Find(name) is not { } key) return null;
        if (key.Length < ShortestKey)
            throw new DeepSightException(FailureKind.InvalidInput, $"{name} has fewer than {ShortestKey} characters.",
                "make one with `openssl rand -hex 32`.");

        return SHA256.HashData(Encoding.UTF8.GetBytes(key));
    }
}
