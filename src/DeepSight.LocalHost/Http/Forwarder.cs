using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DeepSight.LocalHost.Http;

/// <summary>Passes a request on to the worker's own server, and its answer back, as they stream.</summary>
internal sealed class Forwarder : IDisposable
{
    private const string InvocationHeader = "x-ms-invocation-id";

    /// <summary>Headers of one connection (RFC 9110, 7.6.1), and those that this host sets itself.</summary>
    private static readonly HashSet<string> NotPassedOn = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Proxy-Connection", "Proxy-Authenticate", "Host", "Server",
        InvocationHeader, "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
    };

    private readonly HttpMessageInvoker client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        // As Kestrel reads them, here and in the worker.
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
    });

    public void Dispose() => client.Dispose();

    /// <param name="id">Of the invocation; what a client calls its own is replaced.</param>
    public async Task<HttpResponseMessage> SendAsync(Uri worker, string id, HttpContext context, CancellationToken cancellationToken)
    {
        var from = context.Request;
        using var request = new HttpRequestMessage(new HttpMethod(from.Method),
            new Uri(worker.GetLeftPart(UriPartial.Authority) + from.Path.ToUriComponent() + from.QueryString.ToUriComponent()));
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody is true) request.Content = new StreamContent(from.Body);
        foreach (var (name, values) in from.Headers)
            if (!NotPassedOn.Contains(name) && !request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);

        request.Headers.TryAddWithoutValidation(InvocationHeader, id);
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", context.Connection.RemoteIpAddress?.ToString());
        request.Headers.TryAddWithoutValidation("X-Forwarded-Host", from.Host.ToString());
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", from.Scheme);
        return await client.SendAsync(request, cancellationToken);
    }

    public static async Task CopyAsync(HttpResponseMessage response, HttpContext context, CancellationToken cancellationToken)
    {
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
            if (!NotPassedOn.Contains(name)) context.Response.Headers[name] = values.ToArray();
        await response.Content.CopyToAsync(context.Response.Body, cancellationToken);
    }

    /// <summary>What this host's own server found wrong with a request while its body was passed on: that it is too large, or cut off.</summary>
    public static BadHttpRequestException? BadRequest(Exception? e) => e is null ? null : e as BadHttpRequestException ?? BadRequest(e.InnerException);
}
