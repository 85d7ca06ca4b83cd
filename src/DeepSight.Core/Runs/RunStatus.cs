using System.Text.Json.Serialization;

namespace DeepSight.Core.Runs;

[JsonConverter(typeof(KebabCase<RunStatus>))]
public enum RunStatus
{
    /// <summary>Started; lost when <see cref="RunRecord.AliveUntil"/> has passed.</summary>
    Running,
    Succeeded,
    Failed,

    /// <summary>A guard stopped it, or the request was invalid; nothing was touched.</summary>
    Refused,

    /// <summary>Another job held the lock.</summary>
    Busy,
    Cancelled,

    /// <summary>Never written: what a reader makes of a running one whose process gave no sign of life for too long.</summary>
    Lost,
}
