using System.Text.Json.Serialization;
using DeepSight.Core.Migrations;

namespace DeepSight.Core.Health;

/// <summary>Where the schema stands.</summary>
/// <param name="CurrentRevision">Several are joined with a comma; null when nothing is applied.</param>
/// <param name="HeadRevision">As <paramref name="CurrentRevision"/>, of the deployed files.</param>
/// <param name="IsUpToDate">Nothing is pending, and what was applied is what the files say.</param>
public sealed record MigrationHealth(string? CurrentRevision, string? HeadRevision, int Pending, bool IsUpToDate)
{
    /// <summary>Why it can't be told.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }

    internal static MigrationHealth Of(MigrationState state) =>
        new(state.CurrentRevision, state.HeadRevision, state.Pending.Count, state.IsUpToDate);

    internal static MigrationHealth Unknown(string error) => new(null, null, 0, false) { Error = error };
}
