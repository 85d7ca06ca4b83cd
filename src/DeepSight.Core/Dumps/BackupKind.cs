using System.Text.Json.Serialization;

namespace DeepSight.Core.Dumps;

/// <summary>Why a backup was taken.</summary>
[JsonConverter(typeof(KebabCase<BackupKind>))]
public enum BackupKind
{
    /// <summary>By the timer, or by <c>POST /admin/functions/Backup</c>.</summary>
    Scheduled,

    /// <summary>By command.</summary>
    Manual,

    /// <summary>Before a restore; never <c>latest</c>, kept by its own days.</summary>
    PreRestore,
}
