using System.CommandLine;
using DeepSight.Core;

namespace DeepSight.Cli.Commands;

/// <summary>What <c>./deepsight</c> does itself, defined here for <c>--help</c>. Without a clone around us there is none of it.</summary>
internal static class LauncherCommands
{
    public static IEnumerable<Command> Define() => Environment.GetEnvironmentVariable("DEEPSIGHT_HOME") is not { Length: > 0 } ? [] :
    [
        Command("test", "Run the tests, against real servers that it sets up.",
            new Option<bool>("--full") { Description = "Every case of the long matrices, not a sample of them." },
            new Argument<string[]>("arguments") { Description = "For dotnet test, such as -- --filter-class '*.BackupTests'.", Arity = ArgumentArity.ZeroOrMore }),
        Command("native", "Compile the command to machine code, once: it then starts ten times as fast. Needs gcc."),
        Command("bench", "Measure: time, memory and processor time of the jobs.",
            new Argument<string[]>("arguments") { Description = "For the benchmarks.", Arity = ArgumentArity.ZeroOrMore }),
    ];

    private static Command Command(string name, string description, params Symbol[] symbols)
    {
        var command = CommandContext.Command(name, description, (_, _) => throw new DeepSightException(FailureKind.InvalidInput,
            $"'{name}' is the launcher's, and this is the command alone.", $"./deepsight {name}, in the clone."), symbols);
        command.TreatUnmatchedTokensAsErrors = false;
        return command;
    }
}
