using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Restore;
using DeepSight.Core.Retention;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Functions;

/// <summary>What retention, a restore or an undo would do. Nothing is touched; a restore's plan looks at the target, production or not.</summary>
public sealed class Plans(DeepSightSettings settings, BackupStores stores, RetentionJob retention, RestoreSources sources, RestoreJob restore, UndoJob undo)
{
    /// <summary>Of a backup without a manifest the whole file is read first: for that the command is the place.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Function("PlanRetention")]
    public Task<IResult> OfRetentionAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "plan/retention")] HttpRequest request, CancellationToken cancellationToken) =>
        PlanAsync(async token =>
        {
            var result = await retention.RunAsync(new RetentionRequest(stores.Kept, Triggers.Http, Force: false, DryRun: true), token);
            return Results.Json(RetentionReport.Of(result, settings.Retention, dryRun: true), Json.Compact);
        }, cancellationToken);

    [Function("PlanRestore")]
    public Task<IResult> OfRestoreAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "plan/restore")] HttpRequest request, CancellationToken cancellationToken) =>
        PlanAsync(async token =>
        {
            var name = request.Query["backup"].ToString();
            if (name.Length == 0) throw new DeepSightException(FailureKind.InvalidInput, "Which backup?", "?backup=NAME, as GET backups shows it.");

            var options = new RestoreOptions { Mode = Mode(request.Query["mode"]), Into = Given(request.Query["into"]), Clean = Flag(request.Query["clean"]), Confirm = true, ConfirmSpace = true };
            var result = await restore.RunAsync(new RestoreRequest(options)
            {
                Target = settings.Database.ForJobs(),
                Source = find => sources.FromStoresAsync(name, find),
                Stores = stores.Kept,
                Trigger = Triggers.Http,
                DryRun = true,
            }, null, null, token);
            return Results.Json(RestorePlanReport.Of(result.Plan), Json.Compact);
        }, cancellationToken);

    [Function("PlanUndo")]
    public Task<IResult> OfUndoAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "plan/undo")] HttpRequest request, CancellationToken cancellationToken) =>
        PlanAsync(async token =>
        {
            var result = await undo.RunAsync(new UndoRequest(settings.Database.ForJobs(), Confirm: true, DryRun: true, stores.Kept, Triggers.Http), null, token);
            return Results.Json(UndoPlanReport.Of(result.Plan, settings.Restore), Json.Compact);
        }, cancellationToken);

    private Task<IResult> PlanAsync(Func<CancellationToken, Task<IResult>> plan, CancellationToken cancellationToken) => Problems.CatchAsync(async () =>
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            settings.ThrowIfInvalid();
            return await plan(limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DeepSightException(FailureKind.Failed, $"The plan was not made within {Patience.TotalSeconds:0} s.",
                "the command has more time: the same with --dry-run.", e);
        }
    });

    private static string? Given(string? value) => string.IsNullOrEmpty(value) ? null : value;

    private static bool Flag(string? text) => string.IsNullOrEmpty(text) || text == "false" ? false
        : text == "true" ? true : throw new DeepSightException(FailureKind.InvalidInput, "clean must be true or false.");

    private static RestoreMode? Mode(string? text) => string.IsNullOrEmpty(text) ? null
        : Enum.GetValues<RestoreMode>().Where(mode => EnumNames.Of(mode) == text).Select(mode => (RestoreMode?)mode).FirstOrDefault()
            ?? throw new DeepSightException(FailureKind.InvalidInput, "mode must be swap, in-place or into.");
}
