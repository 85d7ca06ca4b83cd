using DeepSight.Core;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace DeepSight.Functions;

/// <summary>Of a failed function the host learns the exception's message alone: a known failure's hint goes into it.</summary>
internal sealed class FailureHints : IFunctionsWorkerMiddleware
{
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (DeepSightException e) when (e.Hint is { } hint)
        {
            throw new DeepSightException(e.Kind, $"{e.Message} Hint: {hint}", inner: e);
        }
    }
}
