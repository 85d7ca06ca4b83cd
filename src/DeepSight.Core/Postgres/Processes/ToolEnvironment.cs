using System.Diagnostics;

namespace DeepSight.Core.Postgres.Processes;

/// <summary>
/// What a tool inherits: a few names that say who and where we are. PG* and LD_* of the surroundings would redirect or break
/// it, and our own settings hold secrets (S3 keys) that are none of its business.
/// </summary>
internal static class ToolEnvironment
{
    private static readonly HashSet<string> Inherited = new(StringComparer.Ordinal)
    {
        "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "KRB5CCNAME", "KRB5_CONFIG",
    };

    public static void Apply(IReadOnlyDictionary<string, string> given, ProcessStartInfo start)
    {
        foreach (var name in start.Environment.Keys.Where(name => !Inherited.Contains(name)).ToList())
            start.Environment.Remove(name);

        // English messages, and text as bytes: error texts are matched and COPY data passes through.
        start.Environment["LC_ALL"] = "C.UTF-8";
        foreach (var (name, value) in given)
            start.Environment[name] = value;
    }
}
