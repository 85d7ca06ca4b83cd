using DeepSight.Core.Settings;

namespace DeepSight.Core.Restore;

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
