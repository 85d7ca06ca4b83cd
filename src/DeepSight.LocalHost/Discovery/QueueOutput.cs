using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.LocalHost.Discovery;

/// <summary>A queue that a function's result goes to.</summary>
/// <param name="Property">The property of the result that is sent; null: the result itself.</param>
internal sealed record QueueOutput(PropertyInfo? Property, QueueOutputAttribute Queue);
