using System.Globalization;

namespace DeepSight.FakeTool;

/// <summary>
/// A stand-in for pg_dump and psql that fails on demand: <c>TOOL VERSION BEHAVIOUR [NUMBER] -- the tool's own arguments</c>.
/// </summary>
internal static class Program
{
    public static async Task<int> Main(string[] line)
    {
        var separator = Array.IndexOf(line, "--");
        var (script, arguments) = (line[..separator], line[(separator + 1)..]);
        if (arguments.Contains("--version"))
        {
            Console.WriteLine($"{script[0]} (PostgreSQL) {script[1]}");
            return 0;
        }

        var number = script.Length > 3 ? int.Parse(script[3], CultureInfo.InvariantCulture) : 1;
        return script[2] switch
        {
            "dump" => Dump.Write(number, trailer: true),
            "dump-without-trailer" => Dump.Write(number, trailer: false),
            "dump-then-fail" => Dump.Write(number, trailer: false) + Fault.Say("pg_dump: error: query failed: ERROR:  relation \"gone\" does not exist", 1),
            "dump-with-a-warning" => Fault.Say("pg_dump: warning: could not resolve dependency loop among these items:", Dump.Write(number, trailer: true)),
            "fail-silently" => 3,
            "tell-the-password" => Fault.Say($"pg_dump: error: could not log in with {Environment.GetEnvironmentVariable("PGPASSWORD")}", 1),
            "flood-stderr" => Fault.Flood(number),
            "hang" => await Fault.HangAsync(evenWhenTerminated: false),
            "ignore-sigterm" => await Fault.HangAsync(evenWhenTerminated: true),
            "die-by-signal" => Fault.Die(number),
            "leave-a-grandchild" => Family.LeaveGrandchild(),
            "hang-with-a-grandchild" => await Family.HangWithGrandchildAsync(),
            "be-a-parent" => await Family.BeParentAsync(arguments),
            "echo" => Echo.Surroundings(arguments),
            "count-input" => await Echo.CountInputAsync(),
            "stop-reading" => 3,
            _ => throw new ArgumentException($"No behaviour '{script[2]}'."),
        };
    }
}
