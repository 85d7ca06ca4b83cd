using DeepSight.Core.Postgres;

namespace DeepSight.Core.Restore.Preflight;

/// <summary>What stops nothing and yet should be known beforehand.</summary>
internal static class PlanWarnings
{
    public static IEnumerable<string> Of(RestoreContext context, IReadOnlyList<string> missingRoles)
    {
        var (request, source) = (context.Request, context.Source);
        if (source.Manifest is null)
            yield return "it has no manifest: it is checked by its compression and its last line only, not by rows.";
        if (source.Manifest is { } manifest && PostgresVersion.Find(manifest.ServerVersion) is { } from && from.Major > context.Plan.ServerVersion.Major)
            yield return $"it was taken from PostgreSQL {from}, newer than the target's {context.Plan.ServerVersion}: some of it may not be understood.";
        if (context.Plan.LostTables is { Count: > 0 } lost)
            yield return $"{lost.Count} {(lost.Count == 1 ? "table" : "tables")} of the target not in the backup: {LostTables.Names(lost)}; "
                + (request.EffectiveMode == RestoreMode.InPlace ? "dropped with what is there." : "they stay in the database that is set aside.");
        if (source.Manifest?.Locale is { } locale && context.TargetLocale is { } own && locale != own)
            yield return $"the backup's database had another locale ({locale}) than the target ({own}), which keeps its own: text may sort otherwise.";
        if (missingRoles.Count > 0)
            yield return request.CreateMissingRoles
                ? $"roles that will be made, without login: {string.Join(", ", missingRoles)}."
                : $"roles that the server lacks, whose grants are left out: {string.Join(", ", missingRoles)} (--create-missing-roles makes them).";
        if (context.TargetAccessProblem is { } problem)
            yield return $"owners and grants come from the backup alone, since the target's could not be read: {problem}";
        if (context.BackupAccess.Refused is [var first, ..] refused)
            yield return $"{refused.Count} statements of its access file are not run: they are no grants ({first} …).";
        if (request.EffectiveMode == RestoreMode.InPlace && context.Plan.BacksUpFirst)
            yield return "what is written between the pre-restore backup and the restore is in neither.";
        if (request.EffectiveMode == RestoreMode.Swap && request.DropReplication && context.Target is { } target && target.Slots.Count + target.Subscriptions.Count > 0)
            yield return $"dropped after the swap: {string.Join(", ", target.Slots.Concat(target.Subscriptions))}.";
    }
}
