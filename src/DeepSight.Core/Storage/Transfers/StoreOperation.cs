namespace DeepSight.Core.Storage.Transfers;

/// <summary>A kind of request: what it needs, how failures name it and how long it is tried.</summary>
/// <param name="Permission">What the caller must be allowed: <c>s3:PutObject</c>.</param>
/// <param name="Noun">Follows "the bucket refused": <c>the upload</c>.</param>
/// <param name="IsPatient">
/// True for what a backup or restore in progress depends on: tried for minutes. Others fail within seconds, so that
/// an operator who lists is not kept waiting for a service that is down.
/// </param>
internal sealed record StoreOperation(string Permission, string Noun, bool IsPatient);
