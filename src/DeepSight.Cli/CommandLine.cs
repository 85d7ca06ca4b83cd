using System.CommandLine;
using DeepSight.Cli.Commands;
using DeepSight.Cli.Migrate;
using DeepSight.Cli.Output;
using DeepSight.Core;

namespace DeepSight.Cli;

/// <summary>The verbs, and how their failures become messages and exit codes.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var parsed = Root().Parse(args);
        var terminal = new Terminal(asJson: parsed.GetValue(CommandContext.Json));
        try
        {
            if (parsed.Errors is [var error, ..])
                throw new DeepSightException(FailureKind.InvalidInput, error.Message, $"`{Path(parsed)} --help` shows what it takes.");

            // Signals and exceptions are ours: see Program and below.
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, cancellationToken);
        }
        catch (DeepSightException e)
        {
            terminal.Error(e.Message, e.Hint, (int)e.Kind);
            return (int)e.Kind;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            terminal.Error("Cancelled; nothing was left behind.", null, ExitCodes.Cancelled);
            return ExitCodes.Cancelled;
        }
    }

    private static RootCommand Root() => new("Guards a PostgreSQL database: backs it up, proves the backups, keeps the right ones, restores.")
    {
        CommandContext.Json,
        BackupCommand.Define(),
        RestoreCommand.Define(),
        ListCommand.Define(),
        DownloadCommand.Define(),
        PinCommand.Define(pin: true),
        PinCommand.Define(pin: false),
        VerifyCommand.Define(),
        RetentionCommand.Define(),
        RunsCommand.Define(),
        EnqueueCommand.Define(),
        HostUpCommand.Define(),
        DoctorCommand.Define(),
        HealthCommand.Define(),
        MigrateCommand.Define(),
        SettingsCommand.Define(),
        Quickstart.QuickstartCommand.Define(),
    };

    private static string Path(ParseResult parsed)
    {
        var names = new List<string>();
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
            names.Insert(0, result.Command.Name);
        return string.Join(' ', names);
    }
}
