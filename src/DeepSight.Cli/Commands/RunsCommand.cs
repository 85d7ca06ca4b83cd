using System.CommandLine;
using DeepSight.Cli.Output;
using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage;
using Spectre.Console;

namespace DeepSight.Cli.Commands;

/// <summary><c>deepsight runs [ID]</c>: what the jobs did, newest first.</summary>
internal static class RunsCommand
{
    private static readonly Argument<string?> Id = new("id") { Description = "One run, whole.", Arity = ArgumentArity.ZeroOrOne };

    private static readonly Option<int> Count = new("--count", "-n")
    {
        Description = "How many, newest first.",
        DefaultValueFactory = _ => 20,
    };

    private static readonly Option<string?> Job = new("--job") { Description = "Only runs of this job: backup, restore, retention, verify, migrate." };

    private static readonly Option<bool> Failed = new("--failed") { Description = "Only runs that did not end well." };

    private static readonly Option<bool> Follow = new("--follow", "-f")
    {
        Description = "Show a run's progress until it ends, on whichever machine it runs; without an ID the newest that runs. Ends with its exit code.",
    };

    /// <summary>More jobs than could run side by side.</summary>
    private const int MostAtOnce = 20;

    /// <summary>A host looks into its queue every few seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Command Define() => CommandContext.Command("runs", "Show what the jobs do and did: when, how long, how it ended.", RunAsync, Id, Count, Job, Failed, Follow);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var stores = context.Get<BackupStores>().All;
        var history = context.Get<RunHistory>();
        if (context.Parsed.GetValue(Follow)) return await FollowAsync(context, stores, history, cancellationToken);
        if (context.Parsed.GetValue(Id) is { } id)
        {
            PrintOne(context.Terminal, await history.GetAsync(stores, id, cancellationToken));
            return ExitCodes.Done;
        }

        var job = context.Parsed.GetValue(Job);
        var count = context.Parsed.GetValue(Count);
        if (count < 1) throw new DeepSightException(FailureKind.InvalidInput, $"--count is {count}.", "it must be at least 1.");
        var failed = context.Parsed.GetValue(Failed);
        var (runs, failures) = await history.ListAsync(stores, failed ? int.MaxValue : count, name => job is null || name.Job == job, cancellationToken);
        if (failed) runs = [.. runs.Where(run => run.Status is not (RunStatus.Succeeded or RunStatus.Running)).Take(count)];

        context.Terminal.Object(new RunPage(runs, [.. failures.Select(failure => failure.Message)]));
        if (runs.Count == 0) context.Terminal.Line("  No runs yet.");
        else Print(context, runs);
        foreach (var failure in failures) context.Terminal.Problem(failure.Message, failure.Hint);
        return failures.Count == 0 ? ExitCodes.Done : (int)failures[0].Kind;
    }

    private static void Print(CommandContext context, IReadOnlyList<RunRecord> runs)
    {
        var now = context.Get<TimeProvider>().GetUtcNow();
        var table = PlainTable.With("STARTED (UTC)", "AGE", "JOB", "BY", "HOW", "TOOK", "ID", "WHAT");
        foreach (var run in runs)
            table.AddRow(new Text($"{run.StartedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}"), new Text(Human.Age(now - run.StartedAt)), new Text(run.Job),
                new Text(run.Trigger), new Text(EnumNames.Of(run.Status), StyleOf(run.Status)), new Text(run.FinishedAt is { } end ? Human.Duration(end - run.StartedAt) : "—"), new Text(run.Id),
                new Text((run.Error ?? (run.Progress is { } doing ? RunProgressView.Describe(doing, run.StartedAt).ToString() : run.Backup) ?? "").ReplaceLineEndings(" ")));
        context.Terminal.Show(table);
    }

    private static async Task<int> FollowAsync(CommandContext context, IReadOnlyList<IBackupStore> stores, RunHistory history, CancellationToken cancellationToken)
    {
        var id = context.Parsed.GetValue(Id) ?? await RunningAsync(stores, history, cancellationToken);
        using var view = new RunProgressView(context.Terminal);
        RunRecord? last = null;
        await foreach (var run in history.FollowAsync(stores, id, Patience, cancellationToken))
            if ((last = run).Progress is { } progress) view.Show(progress, run.StartedAt);
        view.Dispose();
        PrintOne(context.Terminal, last!);
        return last!.ExitCode ?? (int)FailureKind.Failed;
    }

    private static async Task<string> RunningAsync(IReadOnlyList<IBackupStore> stores, RunHistory history, CancellationToken cancellationToken)
    {
        var (runs, failures) = await history.ListAsync(stores, MostAtOnce, _ => true, cancellationToken);
        return runs.FirstOrDefault(run => run.Status == RunStatus.Running)?.Id ?? throw (failures.Count > 0 ? failures[0] : new DeepSightException(
            FailureKind.NothingToDo, "No job runs now.", "`deepsight runs` shows what the jobs did."));
    }

    private static void PrintOne(Terminal terminal, RunRecord run)
    {
        terminal.Object(run);
        terminal.Line($"  {run.Job} {run.Id}, started {run.StartedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC by {run.Trigger}, version {run.ToolVersion}");
        terminal.Show(new Paragraph("  ").Append(EnumNames.Of(run.Status), StyleOf(run.Status)));
        terminal.Line(run.FinishedAt is { } end ? $" after {Human.Duration(end - run.StartedAt)}" : "");
        if (run.Progress is { } doing) terminal.Line($"  {RunProgressView.Describe(doing, run.StartedAt)}");
        if (run.Backup is { } backup) terminal.Line($"  {backup}{Amount(run)}");
        if (run.Error is { } error) terminal.Line($"  {error}");
        if (run.Hint is { } hint) terminal.Line($"  Hint: {hint}");
        foreach (var warning in run.Warnings) terminal.Attention(warning);
    }

    private static string Amount(RunRecord run) =>
        (run.StoredBytes is { } bytes ? $"   {Human.Size(bytes)}" : "") + (run.Rows is { } rows ? $"   {rows:N0} rows" : "");

    private static Style StyleOf(RunStatus status) => new(status switch
    {
        RunStatus.Succeeded => Color.Green,
        RunStatus.Running => Color.Default,
        RunStatus.Failed or RunStatus.Lost => Color.Red,
        _ => Color.Yellow,
    });
}
