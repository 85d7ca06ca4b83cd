using DeepSight.Core;
using DeepSight.LocalHost.Worker;

namespace DeepSight.LocalHost;

/// <summary>Where the host finds its app and its files, and where it prints.</summary>
/// <param name="App">The app's dll; <c>host.json</c> lies beside it.</param>
/// <param name="LocalSettings"><c>local.settings.json</c>; need not exist.</param>
/// <param name="Output">Takes the table of functions at start.</param>
internal sealed record HostEnvironment(string App, string LocalSettings, TextWriter Output)
{
    public const string AppSetting = "DEEPSIGHT_APP";
    private const string OwnApp = "DeepSight.Functions";
    private const string LocalSettingsName = "local.settings.json";

    public string Folder => Path.GetDirectoryName(App)!;

    public string Name => Path.GetFileNameWithoutExtension(App);

    /// <summary>Starts the worker: as a process, but for tests.</summary>
    public Func<WorkerStart, IWorker> Launch { get; init; } = start => new WorkerProcess(start);

    /// <summary>The app that <c>DEEPSIGHT_APP</c> names, else DeepSight.Functions beside the host or where it is built; settings of the working folder, else beside the app.</summary>
    /// <exception cref="DeepSightException">There is no app.</exception>
    public static HostEnvironment OfThisProcess()
    {
        var beside = AppContext.BaseDirectory;
        string[] places = Environment.GetEnvironmentVariable(AppSetting) is { Length: > 0 } chosen
            ? [Path.GetFullPath(chosen)]
            : [Path.Combine(beside, $"{OwnApp}.dll"), Path.Combine(beside.Replace("DeepSight.LocalHost", OwnApp, StringComparison.Ordinal), $"{OwnApp}.dll")];
        var app = places.FirstOrDefault(File.Exists)
            ?? throw new DeepSightException(FailureKind.InvalidInput, $"There is no app at '{places[0]}'.", $"build {OwnApp}, or name its dll in {AppSetting}.");
        var here = Path.GetFullPath(LocalSettingsName);
        return new HostEnvironment(app, File.Exists(here) ? here : Path.Combine(Path.GetDirectoryName(app)!, LocalSettingsName), Console.Out);
    }
}
