using DeepSight.LocalHost.Discovery;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.LocalHost.Http;

/// <summary>A function and the requests that it answers.</summary>
/// <param name="Path">The route template with the prefix, such as <c>/api/runs/{id?}</c>.</param>
/// <param name="Methods">In upper case; null: any.</param>
internal sealed record HttpFunction(FunctionDescriptor Function, string Path, IReadOnlyList<string>? Methods, AuthorizationLevel Level, bool IsDisabled);
