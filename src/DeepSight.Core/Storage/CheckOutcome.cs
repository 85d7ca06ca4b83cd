using System.Text.Json.Serialization;

namespace DeepSight.Core.Storage;

/// <summary>What a check found.</summary>
[JsonConverter(typeof(KebabCase<CheckOutcome>))]
public enum CheckOutcome
{
    Ok,

    /// <summary>Works, but less well or less safely than it could; the hint says why.</summary>
    Warning,

    Failed,
}
