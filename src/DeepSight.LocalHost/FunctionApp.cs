using DeepSight.Core;
using DeepSight.Core.Queues;
using DeepSight.LocalHost.Http;
using DeepSight.LocalHost.Queues;
using DeepSight.LocalHost.Settings;
using DeepSight.LocalHost.Timers;
using DeepSight.LocalHost.Worker;
using Microsoft.AspNetCore.Routing.Patterns;

namespace DeepSight.LocalHost;

/// <summary>The app's functions with their settings resolved. What is wrong with one of them is its own problem only.</summary>
internal sealed class FunctionApp
{
    private readonly AppSettings settings;
    private readonly IMessageQueues storage;
    private readonly HostJson options;
    private readonly TimeProvider clock;
    private readonly List<TimerFunction> timers = [];
    private readonly List<QueueFunction> queues = [];
    private readonly List<HttpFunction> http = [];

    public FunctionApp(WorkerSupervisor worker, AppSettings settings, IMessageQueues storage, HostJson options, TimeProvider clock)
    {
        (this.settings, this.storage, this.options, this.clock) = (settings, storage, options, clock);
        Functions = [.. worker.Functions.Select(Admit)];
    }

    /// <summary>All of them, in order of names.</summary>
    public IReadOnlyList<FunctionEntry> Functions { get; }

    public IReadOnlyList<TimerFunction> Timers => timers;

    public IReadOnlyList<QueueFunction> Queues => queues;

    public IReadOnlyList<HttpFunction> Http => http;

    private FunctionEntry Admit(FunctionDescriptor function)
    {
        var disabled = settings.IsDisabled(function.Name);
        if (function.Problem is not null) return new FunctionEntry(function, function.Problem, disabled);

        try
        {
            Bind(function, disabled);
            return new FunctionEntry(function, null, disabled);
        }
        catch (DeepSightException e)
        {
            return new FunctionEntry(function, e.Hint is null ? e.Message : $"{e.Message} ({e.Hint.TrimEnd('.')})", disabled);
        }
    }

    private void Bind(FunctionDescriptor function, bool disabled)
    {
        switch (function.Kind)
        {
            case TriggerKind.Timer:
                var timer = Timer(function);
                if (!disabled) timers.Add(timer);
                break;
            case TriggerKind.Queue:
                if (function.Text("connection") is { Length: > 0 } other && !other.Equals(StorageConnection.Default, StringComparison.OrdinalIgnoreCase))
                    throw new DeepSightException(FailureKind.InvalidInput, $"this host opens {StorageConnection.Default} alone, not the connection {other}");

                var queue = new QueueFunction(function, storage, storage.Open(settings.Resolve(function.Text("queueName") ?? "")));
                if (!disabled) queues.Add(queue);
                break;
            default:
                http.Add(Request(function, disabled));
                break;
        }
    }

    private TimerFunction Timer(FunctionDescriptor function)
    {
        var now = clock.GetUtcNow();
        var schedule = Schedule.Parse(settings.Resolve(function.Text("schedule") ?? ""), now);
        return new TimerFunction(function, schedule, function.Flag("useMonitor", standard: true) && !schedule.IsMoreOftenThanAMinute(now),
            function.Flag("runOnStartup", standard: false));
    }

    private HttpFunction Request(FunctionDescriptor function, bool disabled)
    {
        var path = $"/{options.RoutePrefix}/{settings.Resolve(function.Text("route") ?? function.Name).TrimStart('/')}".Replace("//", "/", StringComparison.Ordinal);
        try
        {
            RoutePatternFactory.Parse(path);
        }
        catch (RoutePatternException e)
        {
            throw new DeepSightException(FailureKind.InvalidInput, $"the route '{path}' can't be read: {e.Message}", inner: e);
        }

        var methods = function.Texts("methods") is { Count: > 0 } named ? named.Select(method => method.ToUpperInvariant()).ToList() : null;
        if (http.Find(other => other.Answers(path, methods)) is { } taken)
            throw new DeepSightException(FailureKind.InvalidInput, $"'{taken.Function.Name}' answers '{path}' already");

        var level = function.Text("authLevel")?.ToUpperInvariant() switch
        {
            "ANONYMOUS" => AccessLevel.Anonymous,
            null or "FUNCTION" => AccessLevel.Function,
            _ => AccessLevel.Admin,
        };
        return new HttpFunction(function, path, methods, level, disabled);
    }
}
