using DeepSight.Core.Access;
using DeepSight.Core.Databases;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Sql;
using DeepSight.Core.Restore.Loading;
using Npgsql;

namespace DeepSight.Core.Restore.InPlace;

/// <summary>The mode in-place: one transaction in the target, the drops, the load, the grants and the marker together.</summary>
internal sealed class InPlaceRestore(RestoreSettings settings, DumpLoader loader, TimeProvider clock)
{
    public async Task<Restored> RunAsync(RestoreContext context, CancellationToken cancellationToken)
    {
        var scripts = await PrepareAsync(context, cancellationToken);
        var (login, whyNot) = context.Rights.ByOwnRole ? await TargetLogin.TryMakeAsync(context.TargetUrl, cancellationToken) : (null, null);
        await using var made = login;
        var options = Options(context, scripts, login);
        var url = login?.Url ?? context.TargetUrl;
        var restored = context.Request.TolerateErrors
            ? await new TolerantLoader(context, url, EndedAtCommitAsync).RunAsync(options, DumpLoader.RulesFor(context.Plan.ServerVersion, options), cancellationToken)
            : await LoadAsync(context, url, options, scripts.Access, cancellationToken);

        // Committed: from here on nothing may make it look failed.
        var notes = new List<string>(restored.Notes);
        if (whyNot is not null) notes.Add(LoadNotes.OwnRights(context.TargetUrl, whyNot));
        context.Report(RestorePhase.Analyzing);
        await AnalyzeAsync(context, isDumpDone: login is not null, notes, cancellationToken);
        await ContentCheck.RunAsync(context, restored.Summary, context.TargetUrl, notes, cancellationToken);
        return restored with { Notes = notes };
    }

    private async Task<Restored> LoadAsync(RestoreContext context, DatabaseUrl url, LoadOptions options, AccessPlan plan, CancellationToken cancellationToken)
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
            load = await loader.LoadAsync(context.Source, url, options, context.Progress, cancellationToken);
        }
        catch (DeepSightException e) when (isCommitting)
        {
            await EndedAtCommitAsync(context, e, cancellationToken);
            load = context.Checked!;
        }

        var told = load.Answers.Where(answer => answer.Contains(' ', StringComparison.Ordinal)).ToLookup(answer => answer.StartsWith(TargetLogin.StatisticsPrefix, StringComparison.Ordinal));
        return new Restored(load.Summary, load.Sha256, null,
            [.. LoadNotes.Of(load.LeftOut), .. AccessReplay.Notes(plan, [.. told[false].Select(Text)]), .. told[true].Select(Text)]);

        static string Text(string answer) => answer[PsqlSession.AnswerPrefix.Length..];
    }

    private async Task<Scripts> PrepareAsync(RestoreContext context, CancellationToken cancellationToken)
    {
        await using var connection = await RestoreConnection.OpenAsync(context.TargetUrl, cancellationToken);
        var plan = await AccessReplay.PrepareAsync(context, connection, cancellationToken);
        var clean = context.Request.Clean;
        IReadOnlyList<string> keptSchemas = clean ? await connection.ListAsync(CleanScript.KeptSchemas(settings.Schemas), cancellationToken) : ["public"];
        var keptExtensions = await connection.ListAsync("select extname::text from pg_extension", cancellationToken);
        return new Scripts(
            (clean ? CleanScript.Drop(settings.Schemas) : "") + DefaultPrivileges.Suspend, plan,
            keptSchemas.ToHashSet(StringComparer.Ordinal), keptExtensions.ToHashSet(StringComparer.Ordinal));
    }

    private LoadOptions Options(RestoreContext context, Scripts scripts, TargetLogin? login) => new()
    {
        SingleTransaction = true,
        TrustStatements = context.Request.TrustStatements,
        Before = $"SET LOCAL lock_timeout = '{settings.LockTimeoutSeconds}s';\n" + (login?.Prepare(scripts.Before, scripts.Access, OpenSchemas(scripts)) ?? scripts.Before),
        // The dump may have become another role.
        After = "RESET SESSION AUTHORIZATION;\nRESET ROLE;\n" + (login?.Finish(Marker(context, Sql.Text(context.TargetUrl.User)))
            ?? $"{EventTriggers.Off}SET LOCAL client_encoding = 'UTF8';\n{scripts.Access.ToSql()}{Marker(context)}{AccessReplay.AnswerRefused()}"),
        KeptSchemas = scripts.KeptSchemas,
        KeptExtensions = scripts.KeptExtensions,
        ExpectedSha256 = context.Checked!.Sha256,
        BeforeCommit = context.EnsureLockedAsync,
    };

    /// <summary>What is shut in others stays shut: a function there may do for its callers what only its owner may.</summary>
    private IEnumerable<string> OpenSchemas(Scripts scripts) =>
        scripts.KeptSchemas.Where(schema => settings.Schemas.Count == 0 || settings.Schemas.Contains(schema)).Union(["public", OwnSchema.Name]);

    private static string Marker(RestoreContext context, string by = "current_user") => RestoreMarker.Script(context.RunId, context.Source.Name, RestoreMode.InPlace, by);

    /// <summary>What a load needs our own rights for, and what it leaves out.</summary>
    private sealed record Scripts(string Before, AccessPlan Access, IReadOnlySet<string> KeptSchemas, IReadOnlySet<string> KeptExtensions);

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

    /// <param name="isDumpDone">What the dump made is analyzed: what remains is the system's own.</param>
    private static async Task AnalyzeAsync(RestoreContext context, bool isDumpDone, List<string> notes, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await RestoreConnection.OpenAsync(context.TargetUrl, cancellationToken);
            if (isDumpDone) await connection.ExecuteAsync(Statistics.OfCatalogue, cancellationToken);
            else notes.AddRange(await Statistics.GatherAsync(connection, context.TargetUrl, "", cancellationToken));
        }
        catch (Exception e) when (e is DeepSightException or NpgsqlException)
        {
            notes.Add($"statistics could not be gathered ({e.Message.Split('\n')[0]}): run ANALYZE.");
        }
    }
}
