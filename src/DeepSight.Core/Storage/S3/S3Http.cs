using System.Net.Security;
using Amazon.Runtime;

namespace DeepSight.Core.Storage.S3;

/// <summary>The HTTP client below the SDK: no timeout of its own (see <see cref="StallWatch"/>), new connections now and then so that a changed address is noticed.</summary>
internal sealed class S3Http : HttpClientFactory, IDisposable
{
    private readonly HeaderReader reader;
    private readonly HttpClient client;

    /// <param name="clock">Is told of the service's time.</param>
    /// <param name="trusts">Decides over certificates in the system's place; null everywhere but in tests.</param>
    public S3Http(S3Clock clock, RemoteCertificateValidationCallback? trusts)
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
        reader = new HeaderReader(clock) { InnerHandler = sockets };
        client = new HttpClient(reader) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Where the bucket is, once AWS has told: it does so with every answer, errors included.</summary>
    public string? BucketRegion => reader.BucketRegion;

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => client;

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

    public void Dispose() => client.Dispose();

    private sealed class HeaderReader(S3Clock clock) : DelegatingHandler
    {
        public string? BucketRegion { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (response.Headers.Date is { } date) clock.Observe(date);
            if (response.Headers.TryGetValues("x-amz-bucket-region", out var regions)) BucketRegion = regions.First();
            return response;
        }
    }
}

/// <summary>
/// The service's clock, read off the <c>Date</c> of its answers: leases go by it, so that machines whose own clocks disagree
/// agree on when a lease runs out.
/// </summary>
internal sealed class S3Clock(TimeProvider clock)
{
    private long offset;

    /// <summary>How far the service is ahead of this machine, to about a second.</summary>
    public TimeSpan Offset => TimeSpan.FromTicks(Volatile.Read(ref offset));

    public DateTimeOffset UtcNow => clock.GetUtcNow() + Offset;

    /// <summary>Measured against the machine's clock, never against a test's.</summary>
    public void Observe(DateTimeOffset date)
    {
        var measured = date - TimeProvider.System.GetUtcNow();
        // The header has whole seconds: anything within that is no difference.
        Volatile.Write(ref offset, measured.Duration() < TimeSpan.FromSeconds(2) ? 0 : measured.Ticks);
    }
}
