using System.Reflection;

namespace DeepSight.Core;

/// <summary>This build's version, as it stands in manifests and records.</summary>
public static class ToolVersion
{
    public static string Current { get; } =
        typeof(ToolVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
