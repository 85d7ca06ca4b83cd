using DeepSight.Core;
using DeepSight.LocalHost.Discovery;
using DeepSight.LocalHost.Http;
using DeepSight.LocalHost.Queues;
using DeepSight.LocalHost.Settings;
using DeepSight.LocalHost.Timers;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.LocalHost.Hosting;

/// <summary>The app's functions with their settings resolved. What is wrong with one of them is its own problem only.</summary>
internal sealed class FunctionApp
{
    private readonly AppSettings settings;
    private readonly QueueConnections connections;
    private readonly HostJson options;
    private readonly TimeProvider clock;
    private readonly List<FunctionEntry> entries = [];
    private readonly List<TimerFunction> timers = [];
    private readonly List<QueueFunction> queues = [];
    private readonly List<HttpFunction> http = [];

    public FunctionApp(
        HostEnvironment environment, AppSettings settings, QueueConnections connections, HostJson options, HttpSupport support, TimeProvider clock)
    {
        (this.settings, this.connections, this.options, this.clock) = (settings, connections, options, clock);
        foreach (var function in FunctionFinder.Find(environment.Functions))
            entries.Add(Admit(function, support));
    }

    /// <summary>All of them, in order of names.</summary>
    public IReadOnlyList<FunctionEntry> Functions => entries;

    public IReadOnlyList<TimerFunction> Timers => timers;

    public IReadOnlyList<QueueFunction> Queues => queues;

    public IReadOnlyList<HttpFunction> Http => http;

    private FunctionEntry Admit(FunctionDescriptor function, HttpSupport support)
    {
        var disabled = settings.IsDisabled(function.Name);
        if (function.Problem is not null) return new FunctionEntry(function, function.Problem, disabled);
        if (function.Trigger is HttpTriggerAttribute && !support.IsConfigured)
            return new FunctionEntry(function, "HTTP functions need builder.ConfigureFunctionsWebApplication() in Program.cs", disabled);

        try
        {
            CheckOutputs(function);
            Bind(function, disabled);
            return new FunctionEntry(function, null, disabled);
        }
        catch (DeepSightException e)
        {
            return new FunctionEntry(function, e.Hint is null ? e.Message : $"{e.Message} ({e.Hint.TrimEnd('.')})", disabled);
        }
    }

    private void CheckOutputs(FunctionDescriptor function)
    {
        foreach (var output in function.Outputs) connections.Open(output.Queue.Connection).Open(settings.Resolve(output.Queue.QueueName));
    }

    private void Bind(FunctionDescriptor function, bool disabled)
    {
        switch (function.Trigger)
        {
            case TimerTriggerAttribute trigger:
                var timer = Timer(function, trigger);
                if (!disabled) timers.Add(timer);
                break;
            case QueueTriggerAttribute trigger:
                var all = connections.Open(trigger.Connection);
                var queue = new QueueFunction(function, all, all.Open(settings.Resolve(trigger.QueueName)));
                if (!disabled) queues.Add(queue);
                break;
            case HttpTriggerAttribute trigger:
                http.Add(Request(function, trigger, disabled));
                break;
        }
    }

    private TimerFunction Timer(FunctionDescriptor function, TimerTriggerAttribute trigger)
    {
        var now = clock.GetUtcNow();
        var schedule = Schedule.Parse(settings.Resolve(trigger.Schedule), now);
        return new TimerFunction(function, schedule, trigger.UseMonitor && !schedule.IsMoreOftenThanAMinute(now), trigger.RunOnStartup);
    }

    private HttpFunction Request(FunctionDescriptor function, HttpTriggerAttribute trigger, bool disabled)
    {
        var path = $"/{options.RoutePrefix}/{settings.Resolve(trigger.Route ?? function.Name).TrimStart('/')}".Replace("//", "/", StringComparison.Ordinal);
        try
        {
            RoutePatternFactory.Parse(path);
        }
        catch (RoutePatternException e)
        {
            throw new DeepSightException(FailureKind.InvalidInput, $"the route '{path}' can't be read: {e.Message}", inner: e);
        }

        var methods = trigger.Methods is { Length: > 0 } named ? named.Select(method => method.ToUpperInvariant()).ToList() : null;
        if (http.Find(other => other.Answers(path, methods)) is { } taken)
            throw new DeepSightException(FailureKind.InvalidInput, $"'{taken.Function.Name}' answers '{path}' already");

        return new HttpFunction(function, path, methods, trigger.AuthLevel, disabled);
    }
}
