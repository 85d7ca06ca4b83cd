namespace DeepSight.Tests.Storage;

/// <summary>Where the S3 server of the tests is, and the keys of a user who may do everything.</summary>
public sealed record S3Access(Uri Endpoint, string AccessKey, string SecretKey);
