using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace DeepSight.Core.Storage.S3;

/// <summary>Makes the SDK's client from the settings.</summary>
internal static class S3Client
{
    public static AmazonS3Client Create(S3Settings settings, S3Http http)
    {
        var config = new AmazonS3Config
        {
            HttpClientFactory = http,
            MaxErrorRetry = 0,
            Timeout = Timeout.InfiniteTimeSpan,
            // We send a checksum with every content ourselves: of the whole part, in a header, without the SDK's chunk framing,
            // which Cloudflare R2 and others do not understand.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            ForcePathStyle = settings.PathStyle ?? settings.Endpoint is not null,
        };
        if (settings.Endpoint is { } endpoint)
            (config.ServiceURL, config.AuthenticationRegion) = (endpoint.AbsoluteUri, settings.Region);
        else
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(settings.Region);

        return Credentials(settings) is { } credentials ? new AmazonS3Client(credentials, config) : new AmazonS3Client(config);
    }

    /// <summary>Null for the SDK's own chain: environment, profile, web identity, container, instance role.</summary>
    private static AWSCredentials? Credentials(S3Settings settings) => settings switch
    {
        { HasKeys: false } => null,
        { SessionToken: { } token } => new SessionAWSCredentials(settings.AccessKeyId, settings.SecretAccessKey, token),
        _ => new BasicAWSCredentials(settings.AccessKeyId, settings.SecretAccessKey),
    };
}
