using DeepSight.Cli.Output;
using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Restore;

namespace DeepSight.Cli.Commands;

/// <summary>Asks the operator, where there is one: on a terminal. In a pipe the options alone decide.</summary>
internal sealed class Confirmation(Terminal terminal, bool yes)
{
    private bool answered;

    private bool CanAsk => !terminal.AsJson && !Console.IsInputRedirected && !Console.IsErrorRedirected;

    /// <summary>For a production target the database's name is to be typed: a hand that says yes by habit doesn't.</summary>
    public bool IsProductionConfirmed(DatabaseUrl target, RestoreSettings settings)
    {
        if (!CanAsk || ProductionHosts.Match(target, settings.ProductionHosts) is not { } pattern) return false;

        terminal.Note($"  into   {target.Display} — PRODUCTION (matches {pattern})");
        terminal.Ask($"  Type the database's name to go on: ");
        answered = Console.ReadLine() == target.Database;
        return answered ? true : throw new DeepSightException(FailureKind.Refused, "That is not its name. The target was not contacted.", "--confirm answers the question beforehand.");
    }

    /// <exception cref="DeepSightException">The answer was no.</exception>
    public Task ApproveAsync(string question, CancellationToken cancellationToken)
    {
        if (yes || answered || !CanAsk) return Task.CompletedTask;

        terminal.Ask($"  {question} [y/N] ");
        cancellationToken.ThrowIfCancellationRequested();
        return Console.ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes"
            ? Task.CompletedTask
            : throw new DeepSightException(FailureKind.Refused, "Not restored: the answer was no. Nothing was touched.", "--yes doesn't ask.");
    }
}
