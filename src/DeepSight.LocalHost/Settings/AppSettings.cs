using System.Text.RegularExpressions;
using DeepSight.Core;
using Microsoft.Extensions.Configuration;

namespace DeepSight.LocalHost.Settings;

/// <summary>The app's settings by their names in the environment, and <c>%NAME%</c> in attributes.</summary>
internal sealed partial class AppSettings(IConfiguration configuration)
{
    /// <summary>The value, or null when it is missing or blank. <c>__</c> in a name is configuration's <c>:</c>.</summary>
    public string? Find(string name) =>
        configuration[name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal)] is { } value
        && !string.IsNullOrWhiteSpace(value)
            ? value.Trim()
            : null;

    /// <summary>Replaces every <c>%NAME%</c> by that setting.</summary>
    /// <exception cref="DeepSightException">A setting is missing.</exception>
    public string Resolve(string text) => Reference().Replace(text, match => Find(match.Groups[1].Value)
        ?? throw new DeepSightException(FailureKind.InvalidInput, $"the setting {match.Groups[1].Value} is missing",
            "set it in the environment or in local.settings.json."));

    /// <summary>Whether <c>AzureWebJobs.NAME.Disabled</c> is true or 1.</summary>
    public bool IsDisabled(string function) =>
        Find($"AzureWebJobs.{function}.Disabled") is { } value
        && (value == "1" || value.Equals("true", StringComparison.OrdinalIgnoreCase));

    /// <summary>For people: an app that switches a function off itself says why in <c>AzureWebJobs.NAME.DisabledBecause</c>.</summary>
    public string WhyDisabled(string function) =>
        Find($"AzureWebJobs.{function}.DisabledBecause") ?? $"AzureWebJobs.{function}.Disabled is set";

    [GeneratedRegex("%([^%]+)%")]
    private static partial Regex Reference();
}
