using DeepSight.Core.Access;
using DeepSight.Core.Databases;
using DeepSight.Core.Postgres.Sql;
using DeepSight.Core.Restore.Loading;
using Npgsql;

namespace DeepSight.Core.Restore.InPlace;

/// <summary>The mode in-place: one transaction in the target, the drops, the load, the grants and the marker together.</summary>
internal sealed class InPlaceRestore(RestoreSettings settings, DumpLoader loader, TimeProvider clock)
{
    public async Task<Restored> RunAsync(RestoreContext context, CancellationToken cancellationToken)
    {
        var (options, plan) = await PrepareAsync(context, cancellationToken);
        var restored = context.Request.TolerateErrors
            ? await new TolerantLoader(context, EndedAtCommitAsync).RunAsync(options, DumpLoader.RulesFor(context.Plan.ServerVersion, options), cancellationToken)
            : await LoadAsync(context, options, plan, cancellationToken);

        // Committed: from here on nothing may make it look failed.
        var notes = new List<string>(restored.Notes);
        context.Report(RestorePhase.Analyzing);
        await AnalyzeAsync(context, notes, cancellationToken);
        await ContentCheck.RunAsync(context, restored.Summary, context.TargetUrl, notes, cancellationToken);
        return restored with { Notes = notes };
    }

    private async Task<Restored> LoadAsync(RestoreContext context, LoadOptions options, AccessPlan plan, CancellationToken cancellationToken)
    {
        var isCommitting = false;
        options = options with
        {
            BeforeCommit = async token =>
            {
                await context.EnsureLockedAsync(token);
                isCommitting = true;
            },
        };
        LoadResult load;
        try
        {
            load = await loader.LoadAsync(context.Source, context.TargetUrl, options, context.Progress, cancellationToken);
        }
        catch (DeepSightException e) when (isCommitting)
        {
            await EndedAtCommitAsync(context, e, cancellationToken);
            load = context.Checked!;
        }

        IEnumerable<string> refused = load.Answers.Where(IsRefusal).Select(answer => answer[RefusalPrefix.Length..]);
        return new Restored(load.Summary, load.Sha256, null, [.. LoadNotes.Of(load.LeftOut), .. AccessReplay.Notes(plan, [.. refused])]);
    }

    private async Task<(LoadOptions Options, AccessPlan Plan)> PrepareAsync(RestoreContext context, CancellationToken cancellationToken)
    {
        await using var connection = await RestoreConnection.OpenAsync(context.TargetUrl, cancellationToken);
        var plan = await AccessReplay.PrepareAsync(context, connection, cancellationToken);
        var clean = context.Request.Clean;
        IReadOnlyList<string> keptSchemas = clean ? await connection.ListAsync(CleanScript.KeptSchemas(settings.Schemas), cancellationToken) : ["public"];
        var keptExtensions = await connection.ListAsync("select extname::text from pg_extension", cancellationToken);
        return (new LoadOptions
        {
            SingleTransaction = true,
            TrustStatements = context.Request.TrustStatements,
            Before = $"SET LOCAL lock_timeout = '{settings.LockTimeoutSeconds}s';\n" + (clean ? CleanScript.Drop(settings.Schemas) : ""),
            After = After(context, plan),
            KeptSchemas = keptSchemas.ToHashSet(StringComparer.Ordinal),
            KeptExtensions = keptExtensions.ToHashSet(StringComparer.Ordinal),
            ExpectedSha256 = context.Checked!.Sha256,
            BeforeCommit = context.EnsureLockedAsync,
        }, plan);
    }

    private static string After(RestoreContext context, AccessPlan plan) =>
        // The dump may have become another role.
        "RESET SESSION AUTHORIZATION;\nRESET ROLE;\n" + EventTriggers.Off +
        $"""
        SET LOCAL client_encoding = 'UTF8';
        {plan.ToSql()}
        {RestoreMarker.Script(context.RunId, context.Source.Name, RestoreMode.InPlace)}
        SELECT '{PsqlSession.AnswerPrefix}' || replace(refused.line, E'\n', ' ') FROM ({AccessReplay.RefusedQuery}) AS refused (line);

        """;

    private const string RefusalPrefix = PsqlSession.AnswerPrefix;

    private static bool IsRefusal(string answer) => answer.StartsWith(RefusalPrefix, StringComparison.Ordinal) && answer.Contains(' ');

    /// <summary>The connection was lost when COMMIT had been sent: the marker tells what became of it.</summary>
    /// <exception cref="DeepSightException">It was not committed, or that is not known.</exception>
    private async Task EndedAtCommitAsync(RestoreContext context, DeepSightException failure, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await RestoreConnection.OpenPatientlyAsync(context.TargetUrl, clock, cancellationToken);
            if (await RestoreMarker.ExistsAsync(connection, context.RunId, cancellationToken)) return;
            // The session that was lost may still be about to commit. Without our lock, other sessions could be somebody else's.
            await context.EnsureLockedAsync(cancellationToken);
            await AbandonedLoads.EndAsync(connection, cancellationToken);
            if (await RestoreMarker.ExistsAsync(connection, context.RunId, cancellationToken)) return;
        }
        catch (DeepSightException e)
        {
            throw new DeepSightException(FailureKind.Failed,
                $"The connection was lost at the end of the restore, and whether it was committed is not known: {e.Message}",
                $"if deepsight.restores in '{context.TargetUrl.Display}' has the run {context.RunId}, it was; if not, the target is as it was.", failure);
        }

        throw failure;
    }

    private static async Task AnalyzeAsync(RestoreContext context, List<string> notes, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await RestoreConnection.OpenAsync(context.TargetUrl, cancellationToken);
            await connection.ExecuteAsync("ANALYZE", cancellationToken);
        }
        catch (Exception e) when (e is DeepSightException or NpgsqlException)
        {
            notes.Add($"statistics could not be gathered ({e.Message.Split('\n')[0]}): run ANALYZE.");
        }
    }
}
