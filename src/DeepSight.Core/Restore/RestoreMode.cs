using System.Text.Json.Serialization;

namespace DeepSight.Core.Restore;

/// <summary>How a backup gets into a database.</summary>
[JsonConverter(typeof(KebabCase<RestoreMode>))]
public enum RestoreMode
{
    /// <summary>Into a new database, which is compared and then renamed into the target's place.</summary>
    Swap,

    /// <summary>In one transaction into the target itself.</summary>
    InPlace,

    /// <summary>Into a new database of another name beside the target.</summary>
    Into,
}
