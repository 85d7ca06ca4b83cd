using DeepSight.LocalHost.Hosting;
using DeepSight.LocalHost.Invocation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace DeepSight.LocalHost.Http;

/// <summary>The URLs of the HTTP functions.</summary>
internal sealed class FunctionEndpoints(FunctionApp app, FunctionInvoker invoker, KeyRing keys, FailureStop failureStop, IHostApplicationLifetime lifetime)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var function in app.Http)
        {
            RequestDelegate handler = context => HandleAsync(function, context);
            if (function.Methods is { } methods) routes.MapMethods(function.Path, methods, handler);
            else routes.Map(function.Path, handler);
        }
    }

    private async Task HandleAsync(HttpFunction function, HttpContext context)
    {
        if (!keys.Admits(context.Request, function.Level)) context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        else if (function.IsDisabled && !keys.ShowsMaster(context.Request)) context.Response.StatusCode = StatusCodes.Status404NotFound;
        else await RunAsync(function, context);
    }

    private async Task RunAsync(HttpFunction function, HttpContext context)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            var input = new TriggerInput(context.Request, context.Request.RouteValues, $"{context.Request.Method} {context.Request.Path}", context);
            var result = await invoker.InvokeAsync(function.Function, input, new LocalRetryContext(0, 0), either.Token);
            var response = function.Function.HttpResult is { } property && result is not null ? property.GetValue(result) : result;
            if (response is IResult answer) await answer.ExecuteAsync(context);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            // In the log already, by the invoker; the caller learns no more than the kind.
            context.Response.Clear();
            context.Response.StatusCode = StatusOf(e, context);
            if (e is FunctionTimeoutException { Ignored: true }) failureStop.Because($"'{function.Function.Name}' did not stop when it was cancelled.");
        }
    }

    private int StatusOf(Exception e, HttpContext context) => e switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        OperationCanceledException when context.RequestAborted.IsCancellationRequested => StatusCodes.Status499ClientClosedRequest,
        OperationCanceledException when lifetime.ApplicationStopping.IsCancellationRequested => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };
}
