using DeepSight.LocalHost.Worker;
using DeepSight.LocalHost.Worker.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DeepSight.LocalHost.Http;

/// <summary>The URLs of the HTTP functions. A request goes to the worker's own server; the worker is told beside it which function it is for.</summary>
internal sealed class FunctionEndpoints(
    WorkerSupervisor workers, FunctionInvoker invoker, KeyRing keys, IHostApplicationLifetime lifetime, ILogger<FunctionEndpoints> logger) : IDisposable
{
    /// <summary>The function that shows a page, in apps that have one.</summary>
    private const string FrontPage = "Dashboard";

    private static readonly TimeSpan WorkerPatience = TimeSpan.FromSeconds(5);
    private readonly Forwarder forwarder = new();

    public void Map(IEndpointRouteBuilder routes, IReadOnlyList<HttpFunction> functions)
    {
        foreach (var function in functions)
        {
            RequestDelegate handler = context => HandleAsync(function, context);
            if (function.Methods is { } methods) routes.MapMethods(function.Path, methods, handler);
            else routes.Map(function.Path, handler);
        }

        // Where a browser lands that is given the host's address alone.
        if (functions.FirstOrDefault(function => function is { Function.Name: FrontPage, Level: AccessLevel.Anonymous }) is { } page)
            routes.MapGet("/", context =>
            {
                context.Response.Redirect(page.Path.Split("/{")[0]);
                return Task.CompletedTask;
            });
    }

    public void Dispose() => forwarder.Dispose();

    private async Task HandleAsync(HttpFunction function, HttpContext context)
    {
        if (!keys.Admits(context.Request, function.Level)) RequestGuards.AskForKey(context);
        else if (function.IsDisabled && !keys.ShowsMaster(context.Request)) context.Response.StatusCode = StatusCodes.Status404NotFound;
        else await RunAsync(function, context);
    }

    private async Task RunAsync(HttpFunction function, HttpContext context)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            var worker = await workers.GetAsync(either.Token).WaitAsync(WorkerPatience);
            await CallAsync(worker, function.Function, context, either);
        }
        catch (Exception e)
        {
            // The function's own failure is in the log already, by the invoker; the caller learns no more than the kind.
            if (e is HttpRequestException && Forwarder.BadRequest(e) is null) logger.LogWarning("The worker's server does not answer: {Problem}", e.Message);
            if (context.Response.HasStarted)
            {
                // What was written until then must not look whole.
                context.Abort();
                return;
            }

            context.Response.Clear();
            context.Response.StatusCode = StatusOf(e, context);
        }
    }

    /// <summary>The request and the invocation at once: each of the two waits for the other in the worker.</summary>
    private async Task CallAsync(WorkerSession worker, FunctionDescriptor function, HttpContext context, CancellationTokenSource either)
    {
        var id = Guid.NewGuid().ToString();
        var input = new TriggerInput(new TypedData { Http = new RpcHttp() }, $"{context.Request.Method} {context.Request.Path}")
        {
            Metadata = context.Request.RouteValues.Where(pair => pair.Value is not null)
                .ToDictionary(pair => pair.Key, pair => new TypedData { String = pair.Value!.ToString() }),
        };
        var invocation = invoker.InvokeAsync(worker, id, function, input, LogLevel.Debug, either.Token);
        using var response = await SendAsync(worker, id, context, either, invocation);
        // The worker answers 200 and nothing for a function that threw.
        if (response.Content.Headers.ContentLength is 0) await invocation;
        await Forwarder.CopyAsync(response, context, either.Token);
        await invocation;
    }

    private async Task<HttpResponseMessage> SendAsync(
        WorkerSession worker, string id, HttpContext context, CancellationTokenSource either, Task invocation)
    {
        try
        {
            return await forwarder.SendAsync(worker.HttpUri!, id, context, either.Token);
        }
        catch (Exception)
        {
            await either.CancelAsync(); // the function has no request to wait for
            await invocation.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private static int StatusOf(Exception e, HttpContext context) => e switch
    {
        _ when Forwarder.BadRequest(e) is { } bad => bad.StatusCode,
        OperationCanceledException when context.RequestAborted.IsCancellationRequested => StatusCodes.Status499ClientClosedRequest,
        OperationCanceledException or TimeoutException or WorkerLostException or HttpRequestException => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };
}
