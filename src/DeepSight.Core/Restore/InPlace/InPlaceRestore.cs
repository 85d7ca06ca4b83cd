using DeepSight.Core.Postgres;
using DeepSight.Core.Restore.Access;
using DeepSight.Core.Restore.Databases;
using DeepSight.Core.Restore.Loading;
using Npgsql;

namespace DeepSight.Core.Restore.InPlace;

/// <summary>The mode in-place: one transaction in the target, the drops, the load, the grants and the marker together.</summary>
internal sealed class InPlaceRestore(RestoreSettings settings, DumpLoader loader)
{
    public async Task<Restored> RunAsync(RestoreContext context, CancellationToken cancellationToken)
    {
        var (options, plan) = await PrepareAsync(context, cancellationToken);
        if (context.Request.TolerateErrors)
        {
            var restored = await new TolerantLoader(context).RunAsync(options, DumpLoader.RulesFor(context.Plan.ServerVersion, options), cancellationToken);
            var told = new List<string>(restored.Notes);
            await AnalyzeAsync(context, told, cancellationToken);
            return restored with { Notes = told };
        }

        LoadResult load;
        try
        {
            load = await loader.LoadAsync(context.Source, context.TargetUrl, options, context.Progress, cancellationToken);
        }
        catch (Exception e) when (e is DeepSightException or IOException)
        {
            // The connection may have been lost after COMMIT: the marker tells.
            if (!await WasCommittedAsync(context, e, cancellationToken)) throw;
            load = context.Checked!;
        }

        // Committed: from here on nothing may make it look failed.
        var notes = new List<string>(LoadNotes.Of(load.LeftOut));
        notes.AddRange(AccessReplay.Notes(plan, [.. load.Answers.Where(IsRefusal).Select(answer => answer[RefusalPrefix.Length..])]));
        context.Report(RestorePhase.Analyzing);
        await AnalyzeAsync(context, notes, cancellationToken);
        await ContentCheck.RunAsync(context, load.Summary, context.TargetUrl, notes, cancellationToken);
        return new Restored(load.Summary, load.Sha256, null, notes);
    }

    private async Task<(LoadOptions Options, AccessPlan Plan)> PrepareAsync(RestoreContext context, CancellationToken cancellationToken)
    {
        await using var connection = await PostgresServer.ConnectAsync(context.TargetUrl, "deepsight restore", cancellationToken);
        var plan = await AccessReplay.PrepareAsync(context, connection, cancellationToken);
        var clean = context.Request.Clean;
        IReadOnlyList<string> keptSchemas = clean ? await connection.ListAsync(CleanScript.KeptSchemas(settings.Schemas), cancellationToken) : ["public"];
        var keptExtensions = await connection.ListAsync("select extname::text from pg_extension", cancellationToken);
        return (new LoadOptions
        {
            SingleTransaction = true,
            Before = $"SET LOCAL lock_timeout = '{settings.LockTimeoutSeconds}s';\n" + (clean ? CleanScript.Drop(settings.Schemas) : ""),
            After = After(context, plan),
            KeptSchemas = keptSchemas.ToHashSet(StringComparer.Ordinal),
            KeptExtensions = keptExtensions.ToHashSet(StringComparer.Ordinal),
            ExpectedSha256 = context.Checked!.Sha256,
            BeforeCommit = context.EnsureLockedAsync,
        }, plan);
    }

    private static string After(RestoreContext context, AccessPlan plan) =>
        $"""
        SET LOCAL client_encoding = 'UTF8';
        {plan.ToSql()}
        {RestoreMarker.Script(context.RunId, context.Source.Name, RestoreMode.InPlace)}
        SELECT '{PsqlSession.AnswerPrefix}' || replace(refused.line, E'\n', ' ') FROM ({AccessReplay.RefusedQuery}) AS refused (line);

        """;

    private const string RefusalPrefix = PsqlSession.AnswerPrefix;

    private static bool IsRefusal(string answer) => answer.StartsWith(RefusalPrefix, StringComparison.Ordinal) && answer.Contains(' ');

    private static async Task<bool> WasCommittedAsync(RestoreContext context, Exception failure, CancellationToken cancellationToken)
    {
        if (failure is DeepSightException { Kind: not FailureKind.Failed }) return false;
        try
        {
            await using var connection = await PostgresServer.ConnectAsync(context.TargetUrl, "deepsight restore", cancellationToken);
            return await RestoreMarker.ExistsAsync(connection, context.RunId, cancellationToken);
        }
        catch (DeepSightException)
        {
            // Not known now; the first failure is thrown on, and a request that comes again looks for the marker.
            return false;
        }
    }

    private static async Task AnalyzeAsync(RestoreContext context, List<string> notes, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await PostgresServer.ConnectAsync(context.TargetUrl, "deepsight restore", cancellationToken);
            await connection.ExecuteAsync("SET statement_timeout = 0; SET default_transaction_read_only = off", cancellationToken);
            await connection.ExecuteAsync("ANALYZE", cancellationToken);
        }
        catch (Exception e) when (e is DeepSightException or PostgresException)
        {
            notes.Add($"statistics could not be gathered ({e.Message.Split('\n')[0]}): run ANALYZE.");
        }
    }
}
