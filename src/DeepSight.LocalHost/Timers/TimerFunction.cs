using DeepSight.LocalHost.Discovery;

namespace DeepSight.LocalHost.Timers;

/// <summary>A function and its schedule.</summary>
/// <param name="Monitored">Whether the schedule's status is kept.</param>
internal sealed record TimerFunction(FunctionDescriptor Function, Schedule Schedule, bool Monitored, bool RunOnStartup);
