using DeepSight.Core.Queues;
using DeepSight.LocalHost.Settings;
using Microsoft.Extensions.Logging;

namespace DeepSight.LocalHost.Timers;

/// <summary>Chooses where timers keep their status: blobs where the app has a storage account, else the local state folder.</summary>
internal static class TimerStores
{
    /// <summary>The real host's setting for the name under which several instances belong together.</summary>
    private const string HostIdSetting = "AzureFunctionsWebHost__hostid";

    public static ITimerStore FromSettings(AppSettings settings, HostTimings timings, ILoggerFactory loggers) =>
        StorageConnection.Find(StorageConnection.Default, settings.Find) is { } connection
            ? new BlobTimerStore(connection.Blobs(), HostId(settings), timings.TimerLease)
            : new DirectoryTimerStore(Path.Combine(LocalState.Folder(settings.Find), "timers"), loggers.CreateLogger("Timers"));

    /// <summary>By default the app's name: every copy of it on one storage account is an instance of the same app.</summary>
    public static string HostId(AppSettings settings) =>
        settings.Find(HostIdSetting) ?? "local-deepsight-functions";
}
