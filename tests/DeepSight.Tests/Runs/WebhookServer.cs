using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DeepSight.Tests.Runs;

/// <summary>An HTTP server on loopback that keeps what it is sent, and answers as told.</summary>
internal sealed class WebhookServer : IAsyncDisposable
{
    private readonly WebApplication app;

    private WebhookServer(WebApplication app) => this.app = app;

    /// <summary><c>POST /hook?x=1</c> with its body, in order.</summary>
    public ConcurrentQueue<(string Line, string Body)> Requests { get; } = new();

    /// <summary>By default 200.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = _ => Task.CompletedTask;

    public Uri Url => new(app.Urls.First());

    public static async Task<WebhookServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var server = new WebhookServer(builder.Build());
        server.app.Urls.Add("http://127.0.0.1:0");
        server.app.Run(server.HandleAsync);
        await server.app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        Requests.Enqueue(($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}", await reader.ReadToEndAsync(context.RequestAborted)));
        await Answer(context);
    }
}
