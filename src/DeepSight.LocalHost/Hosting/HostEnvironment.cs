using System.Reflection;

namespace DeepSight.LocalHost.Hosting;

/// <summary>Where the host finds its app and its files, and where it prints.</summary>
/// <param name="Functions">The types whose methods are looked through for functions.</param>
/// <param name="Folder">Holds <c>host.json</c>.</param>
/// <param name="LocalSettings"><c>local.settings.json</c>; need not exist.</param>
/// <param name="Output">Takes the table of functions at start.</param>
internal sealed record HostEnvironment(IReadOnlyList<Type> Functions, string Folder, string LocalSettings, TextWriter Output)
{
    /// <summary>The functions of the entry assembly, <c>host.json</c> beside it, and the settings file of the working directory or, where it has none, beside it too.</summary>
    public static HostEnvironment OfThisProcess()
    {
        var functions = Assembly.GetEntryAssembly()?.GetTypes() ?? [];
        var folder = AppContext.BaseDirectory;
        var here = Path.GetFullPath(LocalSettingsName);
        return new HostEnvironment(functions, folder, File.Exists(here) ? here : Path.Combine(folder, LocalSettingsName), Console.Out);
    }

    private const string LocalSettingsName = "local.settings.json";
}
