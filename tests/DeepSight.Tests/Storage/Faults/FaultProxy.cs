using System.Diagnostics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace DeepSight.Tests.Storage.Faults;

/// <summary>
/// Stands between the SDK and a gateway and lets requests fail before or after they got there, slows them down, or answers
/// in the gateway's place. Signatures stay valid: the Host that the client signed is passed on.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly Uri gateway;
    private readonly WebApplication app;
    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly Stopwatch running = Stopwatch.StartNew();
    private long admitted;
    private int left;
    private Fault? fault;

    private FaultProxy(Uri gateway, X509Certificate2? certificate)
    {
        this.gateway = gateway;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => { if (certificate is not null) listen.UseHttps(certificate); });
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
        });
        app = builder.Build();
        app.Run(HandleAsync);
    }

    public Uri Address { get; private set; } = null!;

    /// <summary>Bytes of request content a second that get through; null for as fast as it goes.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>What is answered in the gateway's place, null where the gateway shall.</summary>
    public Func<StoreCall, (int Status, string Code, string Message)?>? Answer { get; set; }

    /// <summary>Stands for a service without conditional writes: given the path of what is to be created, removes what is there.</summary>
    public Func<string, Task>? Overwrite { get; set; }

    /// <summary>Stands for a service that refuses <c>If-None-Match</c> on writes.</summary>
    public bool RefusesConditions { get; set; }

    /// <summary>Stands for a service that has <c>If-None-Match</c> but refuses <c>If-Match</c> on writes, as Swift does.</summary>
    public bool RefusesIfMatch { get; set; }

    /// <summary>Stands for a service that takes a lock's headers and keeps nothing of it.</summary>
    public bool ForgetsLocks { get; set; }

    /// <summary>Added to the gateway's answers to such requests.</summary>
    public Dictionary<(StoreCall Call, string Header), string> Added { get; } = [];

    /// <summary>What a request to slow down says of when to come back, in seconds.</summary>
    public string? RetryAfter { get; set; }

    /// <summary>How many requests the present fault has hit.</summary>
    public int Hits => fault is null ? 0 : fault.Times - Math.Max(0, Volatile.Read(ref left));

    /// <summary>The headers of the latest request of each kind.</summary>
    public Dictionary<StoreCall, Dictionary<string, string>> Headers { get; } = [];

    public static async Task<FaultProxy> StartAsync(Uri gateway, long? bytesPerSecond = null, X509Certificate2? certificate = null)
    {
        var proxy = new FaultProxy(gateway, certificate) { BytesPerSecond = bytesPerSecond };
        await proxy.app.StartAsync();
        proxy.Address = new Uri(proxy.app.Urls.Single());
        return proxy;
    }

    /// <summary>From now on this goes wrong, instead of what did before; null for nothing.</summary>
    public void Set(Fault? next)
    {
        fault = next;
        Volatile.Write(ref left, next?.Times ?? 0);
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        client.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var call = Classify(context.Request);
        lock (Headers) Headers[call] = context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString());
        if (Answer?.Invoke(call) is { } answer)
        {
            await RefuseAsync(context, answer.Status, answer.Code, answer.Message);
            return;
        }

        if (ForgetsLocks && call == StoreCall.Retention)
        {
            // As Swift does: it passes over what it does not know and gives the object.
            await context.Response.Body.WriteAsync(new byte[] { 0x1F, 0x8B, 8, 0 });
            return;
        }

        if ((RefusesConditions && context.Request.Headers.IfNoneMatch.Count > 0) || (RefusesIfMatch && call == StoreCall.Put && context.Request.Headers.IfMatch.Count > 0))
        {
            await RefuseAsync(context, 501, "NotImplemented", "A header you provided implies functionality that is not implemented.");
            return;
        }

        if (Overwrite is { } overwrite && context.Request.Headers.IfNoneMatch.Count > 0) await overwrite(context.Request.Path);
        var hit = fault is { } set && set.Call == call && Interlocked.Decrement(ref left) >= 0 ? set : null;
        if (hit is { After: false, Kind: not FaultKind.Truncated })
        {
            await FailAsync(context, hit.Kind);
            return;
        }

        try
        {
            using var request = Forwarded(context, hit is { After: false });
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            if (hit is { After: true, Kind: not FaultKind.Truncated }) await FailAsync(context, hit.Kind);
            else await PassBackAsync(context, response, hit is { After: true });
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            context.Abort();
        }
    }

    private async Task FailAsync(HttpContext context, FaultKind kind)
    {
        switch (kind)
        {
            case FaultKind.Error:
                await RefuseAsync(context, 500, "InternalError", "We encountered an internal error. Please try again.");
                return;
            case FaultKind.SlowDown:
                context.Response.Headers.RetryAfter = RetryAfter;
                await RefuseAsync(context, 503, IsAzure(context.Request) ? "ServerBusy" : "SlowDown", "Please reduce your request rate.");
                return;
            case FaultKind.Hang:
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            default:
                context.Abort();
                return;
        }
    }

    private static async Task RefuseAsync(HttpContext context, int status, string code, string message)
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        context.Response.StatusCode = status;
        if (IsAzure(context.Request)) context.Response.Headers["x-ms-error-code"] = code;
        if (HttpMethods.IsHead(context.Request.Method)) return;
        context.Response.ContentType = "application/xml";
        await context.Response.WriteAsync($"""<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>""");
    }

    private HttpRequestMessage Forwarded(HttpContext context, bool truncated)
    {
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(gateway, target));
        if (context.Request.ContentLength is not null)
            request.Content = new StreamContent(new SlowStream(this, context.Request.Body, truncated ? context.Request.ContentLength / 2 : null));
        foreach (var (name, values) in context.Request.Headers)
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values)) request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        return request;
    }

    private async Task PassBackAsync(HttpContext context, HttpResponseMessage response, bool truncated)
    {
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var ((call, name), value) in Added)
            if (call == Classify(context.Request) && response.IsSuccessStatusCode) context.Response.Headers[name] = value;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
            if (name is not "Transfer-Encoding" && !(ForgetsLocks && name.StartsWith("x-amz-object-lock", StringComparison.OrdinalIgnoreCase))) context.Response.Headers[name] = values.ToArray();
        if (HttpMethods.IsHead(context.Request.Method))
        {
            if (truncated) context.Abort();
            return;
        }

        if (!truncated)
        {
            await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
            return;
        }

        var content = await response.Content.ReadAsByteArrayAsync(context.RequestAborted);
        await context.Response.Body.WriteAsync(content.AsMemory(0, content.Length / 2), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        context.Abort();
    }

    private static StoreCall Classify(HttpRequest request)
    {
        var query = request.Query;
        if (IsAzure(request)) return ClassifyAzure(request.Method, query["comp"].ToString(), query);
        return request.Method switch
        {
            "PUT" => query.ContainsKey("partNumber") ? StoreCall.Part : StoreCall.Put,
            "POST" => query.ContainsKey("uploads") ? StoreCall.Initiate : query.ContainsKey("delete") ? StoreCall.DeleteMany : StoreCall.Complete,
            "DELETE" => query.ContainsKey("uploadId") ? StoreCall.Abort : StoreCall.Delete,
            "HEAD" => StoreCall.Head,
            _ => query.ContainsKey("retention") ? StoreCall.Retention : query.ContainsKey("list-type") ? StoreCall.List : query.ContainsKey("uploads") ? StoreCall.ListUploads : query.ContainsKey("uploadId") ? StoreCall.ListParts : StoreCall.Get,
        };
    }

    private static bool IsAzure(HttpRequest request) => request.Headers.ContainsKey("x-ms-version");

    private static StoreCall ClassifyAzure(string method, string comp, IQueryCollection query) => (method, comp) switch
    {
        ("PUT", "block") => StoreCall.Part,
        ("PUT", "blocklist") => StoreCall.Complete,
        ("PUT", "lease") => StoreCall.Lease,
        ("PUT", _) => StoreCall.Put,
        ("DELETE", _) => StoreCall.Delete,
        ("HEAD", _) => StoreCall.Head,
        (_, "list") => query["include"].ToString().Contains("uncommitted", StringComparison.OrdinalIgnoreCase) ? StoreCall.ListUploads : StoreCall.List,
        _ => StoreCall.Get,
    };

    private async Task AdmitAsync(int count, CancellationToken cancellationToken)
    {
        if (BytesPerSecond is not { } rate) return;
        var due = TimeSpan.FromSeconds((double)Interlocked.Add(ref admitted, count) / rate) - running.Elapsed;
        if (due > TimeSpan.Zero) await Task.Delay(due, cancellationToken);
    }

    /// <summary>Request content at the proxy's rate, cut where it shall be.</summary>
    private sealed class SlowStream(FaultProxy proxy, Stream inner, long? cutAt) : Stream
    {
        private long passed;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => passed;
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (passed >= cutAt) throw new IOException("cut");
            var count = await inner.ReadAsync(buffer, cancellationToken);
            passed += count;
            await proxy.AdmitAsync(count, cancellationToken);
            return count;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
