using System.Net.Security;

namespace DeepSight.Core.Storage.Transfers;

/// <summary>The HTTP client below an SDK: no timeout of its own (see <see cref="StallWatch"/>), new connections now and then so that a changed address is noticed.</summary>
internal static class ServiceHttp
{
    /// <param name="clock">Is told of the service's time.</param>
    /// <param name="seen">Is shown each answer; or null.</param>
    /// <param name="trusts">Decides over certificates in the system's place; null everywhere but in tests.</param>
    public static HttpClient Create(ServiceClock clock, Action<HttpResponseMessage>? seen, RemoteCertificateValidationCallback? trusts)
    {
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            // An idle connection that the other side has closed costs a failed attempt.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),
        };
        sockets.SslOptions.RemoteCertificateValidationCallback = trusts;
        return new HttpClient(new HeaderReader(clock, seen) { InnerHandler = sockets }) { Timeout = Timeout.InfiniteTimeSpan };
    }

    private sealed class HeaderReader(ServiceClock clock, Action<HttpResponseMessage>? seen) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (response.Headers.Date is { } date) clock.Observe(date);
            seen?.Invoke(response);
            return response;
        }
    }
}
