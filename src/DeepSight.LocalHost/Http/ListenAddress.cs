using System.Globalization;
using System.Net;
using DeepSight.Core;
using Microsoft.AspNetCore.Http;

namespace DeepSight.LocalHost.Http;

/// <summary>Where the host listens, and whether it may.</summary>
internal static class ListenAddress
{
    /// <summary>Core Tools' port.</summary>
    public const int DefaultPort = 7071;

    /// <param name="urls">One or several, separated by semicolons.</param>
    /// <param name="keysConfigured">Without keys, every caller may do everything: only this machine may call then.</param>
    /// <exception cref="DeepSightException">An address can't be read, is not http, or is open to others without keys (refused).</exception>
    public static IReadOnlyList<string> Check(string urls, bool keysConfigured)
    {
        var addresses = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var address in addresses)
        {
            var parsed = Parse(address);
            if (!parsed.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase))
                throw new DeepSightException(FailureKind.InvalidInput, $"'{address}' is not an http address.",
                    "this host speaks plain http; put a proxy with TLS before it.");
            if (!keysConfigured && !IsLoopback(parsed.Host))
                throw new DeepSightException(FailureKind.Refused, $"Without keys this host listens on loopback only, not on '{address}'.",
                    $"set {KeyRing.FunctionKeySetting} and {KeyRing.MasterKeySetting} to open it to others.");
        }

        return addresses;
    }

    public static string OfPort(string port) => int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 65535
        ? $"http://127.0.0.1:{number}"
        : throw new DeepSightException(FailureKind.InvalidInput, $"'{port}' is not a port.", "0 to 65535; 0 picks a free one.");

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static BindingAddress Parse(string address)
    {
        try
        {
            return BindingAddress.Parse(address);
        }
        catch (FormatException e)
        {
            throw new DeepSightException(FailureKind.InvalidInput, $"'{address}' is not an address to listen on.", "for example http://127.0.0.1:7071", e);
        }
    }
}
