using DeepSight.LocalHost.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace DeepSight.Tests.LocalHost;

internal sealed record TestAppOptions
{
    public Dictionary<string, string?> Settings { get; init; } = [];

    public string[] Arguments { get; init; } = [];

    public string? HostJson { get; init; }

    /// <summary>Shared by two hosts, or kept over a restart; by default one's own.</summary>
    public string? StateFolder { get; init; }

    public FakeTimeProvider? Clock { get; init; }

    public Probe? Probe { get; init; }

    public HostTimings? Timings { get; init; }

    public bool RealTime { get; init; }

    /// <summary>As an app's Program.cs would.</summary>
    public Action<IServiceCollection> Configure { get; init; } = _ => { };

    /// <summary>Takes the place of the host's own parts.</summary>
    public Action<IServiceCollection> ConfigureHost { get; init; } = _ => { };

    public bool AspNetCore { get; init; } = true;
}
