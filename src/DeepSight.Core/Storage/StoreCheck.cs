using System.Text.Json.Serialization;

namespace DeepSight.Core.Storage;

/// <summary>One thing that a store was asked to do to see whether it can.</summary>
/// <param name="Name">What was tried, in a word or two: <c>put</c>, <c>multipart upload</c>, <c>clock</c>.</param>
/// <param name="Outcome">Whether it worked.</param>
/// <param name="Detail">What was found: <c>412 GB free</c>, <c>AccessDenied on s3:PutObject</c>.</param>
/// <param name="Hint">What to do about it; null where nothing is to be done.</param>
public sealed record StoreCheck(string Name, CheckOutcome Outcome, string Detail, string? Hint);

/// <summary>What a check found.</summary>
[JsonConverter(typeof(KebabCase<CheckOutcome>))]
public enum CheckOutcome
{
    Ok,

    /// <summary>Works, but less well or less safely than it could; the hint says why.</summary>
    Warning,

    Failed,
}
