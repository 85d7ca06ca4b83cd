using DeepSight.Core.Databases;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;

namespace DeepSight.Core.Drills;

/// <summary>Whose fault it is that a dump did not load: the backup's, which refutes it, or that of the drill's server, which says nothing.</summary>
internal static class DrillVerdict
{
    /// <summary>Classes of SQLSTATE that tell of the server: connection, rights, resources, an operator, the system, a fault of its own.</summary>
    private static readonly string[] OfServer = ["08", "53", "55", "57", "58", "XX", "40", "42501", "54001", "0A000", "28"];

    /// <summary>What a server may lack that the dumped one has: <c>role "x" does not exist</c> and the like are all 42704.</summary>
    private static readonly string[] OfCluster = ["role ", "collation ", "tablespace ", "access method ", "configuration parameter"];

    public static bool IsOfBackup(DeepSightException failure, BackupManifest? manifest, ScratchDatabase scratch)
    {
        if (failure.SqlState is not { } state || OfServer.Any(known => state.StartsWith(known, StringComparison.Ordinal))) return false;
        if (state is "42704" && OfCluster.Any(kind => failure.Message.Contains(":  " + kind, StringComparison.Ordinal))) return false;
        // On another kind of server, or in another locale, the same dump may well not load.
        var isOlder = manifest is not null && PostgresVersion.Find(manifest.ServerVersion) is { } dumped && scratch.Maintenance.PostgreSqlVersion.Major < dumped.Major;
        return !isOlder && scratch.Notes.Count == 0;
    }

    public static DeepSightException Refuted(DumpSource source, DeepSightException failure) => new(FailureKind.Corrupt,
        $"'{source.Name}' in {source.Location} does not restore. {failure.Message}", Cure(failure.SqlState!), failure)
    { SqlState = failure.SqlState };

    public static DeepSightException NotHeld(DumpSource source, DeepSightException failure, IReadOnlyList<string> notes) => new(failure.Kind,
        $"The drill of '{source.Name}' could not be held; this says nothing about the backup, and an earlier proof stays. "
        + string.Join(" ", notes.Append(failure.Message)), failure.Hint, failure)
    { SqlState = failure.SqlState };

    private static string Cure(string state) => state[..2] switch
    {
        "23" => "the rows do not meet a constraint as it reads today (one that depends on the time, or on other tables): make it NOT VALID or change it, then take a new backup.",
        "42" => "it needs a name that is found only by a search path, which a restore does not set: qualify the name, or give the function `SET search_path`; then take a new backup.",
        _ => "mend it in the database (an index, a generated column or a default may compute what it no longer can), then take a new backup and verify it.",
    } + " `deepsight list` shows the last one that is proven.";
}
