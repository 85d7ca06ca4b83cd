using DeepSight.Cli.Output;
using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Restore;

namespace DeepSight.Cli.Commands;

/// <summary>Asks the operator, where there is one: on a terminal. In a pipe the options alone decide.</summary>
internal sealed class Confirmation(Terminal terminal, bool yes)
{
    private bool answered;

    public bool CanAsk => IsTerminal(terminal);

    private static bool IsTerminal(Terminal terminal) => !terminal.AsJson && !Console.IsInputRedirected && !Console.IsErrorRedirected;

    /// <exception cref="DeepSightException">Nobody is there to look at what the option lets pass (<see cref="FailureKind.Refused"/>).</exception>
    public static void RequireTerminal(Terminal terminal, string option)
    {
        if (!IsTerminal(terminal))
            throw new DeepSightException(FailureKind.Refused, $"{option} is for a person on a terminal; this is none. Nothing was touched.",
                "type the command on a terminal, without --json.");
    }

    /// <summary>For a production target the database's name is to be typed: a hand that says yes by habit doesn't.</summary>
    public async Task<bool> IsProductionConfirmedAsync(DatabaseUrl target, RestoreSettings settings, CancellationToken cancellationToken)
    {
        if (!CanAsk || ProductionHosts.Match(target, settings.ProductionHosts) is not { } pattern) return false;

        terminal.Note($"  into   {target.Display} — PRODUCTION (matches {pattern})");
        terminal.Ask($"  Type the database's name to go on: ");
        answered = await ReadAsync(cancellationToken) == target.Database;
        return answered ? true : throw new DeepSightException(FailureKind.Refused, "That is not its name. The target was not contacted.", "--confirm answers the question beforehand.");
    }

    /// <summary>Before a migration deletes data the database's name is to be typed.</summary>
    /// <exception cref="DeepSightException">Something else was typed.</exception>
    public async Task ApproveLossesAsync(DatabaseUrl database, IReadOnlyList<string> losses, CancellationToken cancellationToken)
    {
        terminal.Note($"  Data of {database.Display} will be deleted; a backup is taken before:");
        foreach (var loss in losses) terminal.Note($"    {loss}");
        terminal.Ask($"  Type the database's name to go on: ");
        if (await ReadAsync(cancellationToken) != database.Database)
            throw new DeepSightException(FailureKind.Refused, "That is not its name. Nothing was changed.", "--allow-data-loss answers the question beforehand.");
    }

    /// <exception cref="DeepSightException">The answer was no.</exception>
    public async Task ApproveAsync(string question, CancellationToken cancellationToken)
    {
        if (yes || answered || !CanAsk) return;

        terminal.Ask($"  {question} [y/N] ");
        if ((await ReadAsync(cancellationToken))?.Trim().ToLowerInvariant() is not ("y" or "yes"))
            throw new DeepSightException(FailureKind.Refused, "Not restored: the answer was no. Nothing was touched.", "--yes doesn't ask.");
    }

    /// <summary>On a thread of its own: Ctrl-C cancels, and the read itself goes on.</summary>
    /// <returns>Null at the end of the input: Ctrl-D.</returns>
    private async Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        string? line = null;
        try
        {
            return line = await Task.Run(Console.ReadLine, CancellationToken.None).WaitAsync(cancellationToken);
        }
        finally
        {
            if (line is null) terminal.Note("");
        }
    }
}
