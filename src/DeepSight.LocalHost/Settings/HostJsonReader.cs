using System.Globalization;
using DeepSight.Core;
using Microsoft.Extensions.Configuration;

namespace DeepSight.LocalHost.Settings;

/// <summary>Reads values of host.json and collects what is wrong with them, so that it is said all at once.</summary>
internal sealed class HostJsonReader(IConfiguration section)
{
    private readonly List<string> problems = [];

    public string? Value(string name) => section[name];

    public int Number(string name, int standard, int least, int most)
    {
        if (Value(name) is not { } text) return standard;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
            return value;

        problems.Add($"{name} is '{text}', not a number from {least} to {most}");
        return standard;
    }

    public TimeSpan Time(string name, TimeSpan standard, TimeSpan least)
    {
        if (Value(name) is not { } text) return standard;
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= least) return value;

        problems.Add($"{name} is '{text}', not a time span (hh:mm:ss) of at least {least:c}");
        return standard;
    }

    public bool Choice(string name, string yes, string no, bool standard)
    {
        if (Value(name) is not { } text) return standard;
        if (text.Equals(yes, StringComparison.OrdinalIgnoreCase)) return true;
        if (!text.Equals(no, StringComparison.OrdinalIgnoreCase)) problems.Add($"{name} is '{text}', neither '{yes}' nor '{no}'");

        return false;
    }

    public void ThrowIfWrong()
    {
        if (problems.Count > 0)
            throw new DeepSightException(FailureKind.InvalidInput, $"host.json: {string.Join("; ", problems)}.",
                "learn.microsoft.com/azure/azure-functions/functions-host-json lists the values.");
    }
}
