using System.Net.Security;
using Amazon.Runtime;
using DeepSight.Core.Storage.Transfers;

namespace DeepSight.Core.Storage.S3;

/// <summary>Hands our HTTP client to the SDK and keeps what AWS says of the bucket's place.</summary>
internal sealed class S3Http : HttpClientFactory, IDisposable
{
    private readonly HttpClient client;

    public S3Http(ServiceClock clock, RemoteCertificateValidationCallback? trusts) => client = ServiceHttp.Create(clock, Note, trusts);

    /// <summary>Where the bucket is, once AWS has told: it does so with every answer, errors included.</summary>
    public string? BucketRegion { get; private set; }

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => client;

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

    public void Dispose() => client.Dispose();

    private void Note(HttpResponseMessage response)
    {
        if (response.Headers.TryGetValues("x-amz-bucket-region", out var regions)) BucketRegion = regions.First();
    }
}
