using System.Text.Json.Serialization;
using DeepSight.Core.Settings;

namespace DeepSight.Core.Restore;

/// <summary>What a restore may be told, by the same names in a queue message, over HTTP and on the command line.</summary>
public record RestoreOptions
{
    /// <summary>Null: swap where the server allows it.</summary>
    public RestoreMode? Mode { get; init; }

    /// <summary>The new database's name, for <see cref="RestoreMode.Into"/>.</summary>
    public string? Into { get; init; }

    /// <summary>In place: drop the target's objects first, in the same transaction.</summary>
    public bool Clean { get; init; }

    /// <summary>The target may be production.</summary>
    public bool Confirm { get; init; }

    /// <summary>The space that a production server needs meanwhile is there.</summary>
    public bool ConfirmSpace { get; init; }

    /// <summary>No backup of the target beforehand.</summary>
    public bool Force { get; init; }

    /// <summary>Roles that the backup names and the server lacks are created, without login.</summary>
    public bool CreateMissingRoles { get; init; }

    /// <summary>Replication slots, subscriptions and the like that tie the target's name are dropped.</summary>
    public bool DropReplication { get; init; }
}

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

/// <summary>Options that contradict one another.</summary>
internal static class RestoreOptionsCheck
{
    /// <exception cref="DeepSightException">They do (<see cref="FailureKind.InvalidInput"/>).</exception>
    public static void ThrowIfWrong(RestoreRequest request)
    {
        var mode = request.EffectiveMode;
        if (request.Into is not null && mode != RestoreMode.Into) throw Wrong($"--into goes with the mode into, not with {EnumNames.Of(mode)}.");
        if (request.Clean && mode != RestoreMode.InPlace) throw Wrong("--clean goes with --mode in-place; the other modes restore into a new database.");
        if (request.TolerateErrors && mode != RestoreMode.InPlace) throw Wrong("--tolerate-errors goes with --mode in-place.");
        if (request.TolerateErrors && request.VerifyContent) throw Wrong("--verify-content compares everything, and --tolerate-errors leaves things out.");
        if (request.DropReplication && mode != RestoreMode.Swap) throw Wrong("--drop-replication goes with the mode swap; the other modes leave replication alone.");
    }

    private static DeepSightException Wrong(string message) => new(FailureKind.InvalidInput, message, "`deepsight restore --help` shows what goes together.");
}
