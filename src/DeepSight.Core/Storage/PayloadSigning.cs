namespace DeepSight.Core.Storage;

/// <summary>How the content of an upload is protected on its way.</summary>
public enum PayloadSigning
{
    /// <summary>
    /// A CRC32 on every part, checked by the service; over http the content is signed as well (SHA-256), over https TLS does that.
    /// </summary>
    Auto,

    /// <summary>Content-MD5 instead of CRC32 and never a signed content: what every S3 service has known since 2006.</summary>
    Off,
}
