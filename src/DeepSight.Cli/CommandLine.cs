using System.CommandLine;
using DeepSight.Cli.Commands;
using DeepSight.Cli.Migrate;
using DeepSight.Cli.Output;
using DeepSight.Core;

namespace DeepSight.Cli;

/// <summary>The verbs, and how their failures become messages and exit codes.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args, StandardStreams streams, CancellationToken cancellationToken)
    {
        // `help VERB` is what many type first.
        // A word that begins with @ is a word, not a file of arguments.
        var parsed = Root().Parse(args is ["help", .. var verb] ? [.. verb, "--help"] : args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var terminal = new Terminal(asJson: parsed.GetValue(CommandContext.Json));
        try
        {
            UsageErrors.ThrowIfAny(parsed);
            // Signals and exceptions are ours: see Program and below.
            var exitCode = await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, cancellationToken);
            return exitCode == ExitCodes.Done && streams.Lost is { } reason
                ? throw new DeepSightException(FailureKind.Failed, $"It is done, but the result could not be written to standard output: {reason.TrimEnd('.')}.", "`deepsight runs` shows what the jobs did.")
                : exitCode;
        }
        catch (DeepSightException e)
        {
            terminal.Error(e.Message, e.Hint, (int)e.Kind);
            return (int)e.Kind;
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            var left = e is CancelledMidwayException ? $". {e.Message}" : "; nothing was left behind.";
            terminal.Error($"Cancelled{left}", null, ExitCodes.Cancelled);
            return ExitCodes.Cancelled;
        }
        catch (Exception e)
        {
            // Nobody thought of it, so all that is known of it is shown.
            terminal.Error($"{e.GetType().Name}: {e.Message}", "this should have been a better message: please report it, with the lines below.", (int)FailureKind.Failed);
            terminal.Note(e.StackTrace ?? "");
            return (int)FailureKind.Failed;
        }
    }

    private static RootCommand Root()
    {
        var root = new RootCommand("Guards a PostgreSQL database: backs it up, proves the backups, keeps the right ones, restores.")
        {
            CommandContext.Json,
            BackupCommand.Define(),
            RestoreCommand.Define(),
            ListCommand.Define(),
            DownloadCommand.Define(),
            CopyCommand.Define(),
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
            KeyCommand.Define(),
            Quickstart.QuickstartCommand.Define(),
        };
        foreach (var command in LauncherCommands.Define()) root.Add(command);
        return root;
    }
}
