using System.Text.Json;
using DeepSight.Core;
using Microsoft.Extensions.Configuration;

namespace DeepSight.LocalHost.Settings;

/// <summary>Reads <c>host.json</c> and <c>local.settings.json</c> into configuration.</summary>
internal static class JsonSettings
{
    /// <summary>The section under which the real host keeps host.json, so that <c>AzureFunctionsJobHost__functionTimeout</c> and the like override it.</summary>
    public const string HostSection = "AzureFunctionsJobHost";

    /// <summary>Flattens <c>host.json</c> under <see cref="HostSection"/>.</summary>
    /// <exception cref="DeepSightException">There is none, or it isn't JSON.</exception>
    public static IEnumerable<KeyValuePair<string, string?>> Host(string folder)
    {
        var path = Path.Combine(folder, "host.json");
        if (!File.Exists(path))
            throw new DeepSightException(FailureKind.InvalidInput, $"There is no host.json in '{folder}'.",
                "it belongs beside the app; build the Functions project again.");

        return Load(path).AsEnumerable().Select(pair => KeyValuePair.Create($"{HostSection}:{pair.Key}", pair.Value));
    }

    /// <summary>The <c>Values</c> of <c>local.settings.json</c>; none when there is no such file.</summary>
    /// <exception cref="DeepSightException">It isn't JSON, or is encrypted.</exception>
    public static IReadOnlyList<KeyValuePair<string, string?>> LocalValues(string path)
    {
        if (!File.Exists(path)) return [];

        var file = Load(path);
        if (bool.TryParse(file["IsEncrypted"], out var encrypted) && encrypted)
            throw new DeepSightException(FailureKind.InvalidInput, $"'{path}' is encrypted.", "run `func settings decrypt` in its folder.");

        return [.. file.GetSection("Values").AsEnumerable(makePathsRelative: true)
            .Where(pair => pair.Value is not null)
            .Select(pair => KeyValuePair.Create(pair.Key.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal), pair.Value))];
    }

    /// <summary><c>Host.LocalHttpPort</c> of <c>local.settings.json</c>, as Core Tools read it.</summary>
    public static string? LocalPort(string path) => File.Exists(path) ? Load(path)["Host:LocalHttpPort"] : null;

    private static IConfigurationRoot Load(string path)
    {
        try
        {
            return new ConfigurationBuilder().AddJsonFile(path, optional: false, reloadOnChange: false).Build();
        }
        catch (Exception e) when (e is InvalidDataException or FormatException)
        {
            // The parser's message may quote the file, which may hold secrets; the line is enough.
            var line = (e.InnerException?.InnerException ?? e.InnerException) is JsonException { LineNumber: { } number } ? $" (line {number + 1})" : "";
            throw new DeepSightException(FailureKind.InvalidInput, $"'{path}' is not JSON{line}.", "look for a missing comma or quote.");
        }
    }
}
