using System.CommandLine;
using DeepSight.Core;
using DeepSight.Core.Migrations;

namespace DeepSight.Cli.Migrate;

/// <summary><c>migrate check</c>: for scripts; exit 1 when something is pending or doesn't agree.</summary>
internal static class CheckCommand
{
    public static Command Define() => CommandContext.Command("check", "Exit 0 when the database is at the head and agrees with the files and, where there is one, with the declared schema; 1 when not.",
        RunAsync, Declared.OnTarget, Declared.AnyMajor);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var state = await context.StateAsync(cancellationToken);
        // Pending migrations are a difference already: only what is at the head can have drifted from it.
        var schema = await Declared.CheckAsync(context, state.IsUpToDate ? context.Database() : null, cancellationToken);
        context.Terminal.Object(MigrationStateReport.Of(state) with { DeclaredDifferences = schema?.Declared, DatabaseDifferences = schema?.Live });
        foreach (var revision in state.Pending) context.Terminal.Line($"  pending   up/{revision.File}");
        foreach (var script in state.PendingScripts) context.Terminal.Line($"  pending   {script}");
        foreach (var line in StateView.Attention(state)) context.Terminal.Attention(line);
        foreach (var line in schema?.Declared ?? []) context.Terminal.Attention($"declared schema: {line}");
        foreach (var line in schema?.Live ?? []) context.Terminal.Attention($"database: {line}");
        if (!state.IsUpToDate || schema is { Declared.Count: > 0 } or { Live.Count: > 0 }) return (int)FailureKind.Failed;

        context.Terminal.Success($"{state.CurrentRevision ?? "<base>"}: up to date");
        return ExitCodes.Done;
    }
}
