using DeepSight.Core.Postgres;

namespace DeepSight.Core.Restore.Preflight;

/// <summary>What stops nothing and yet should be known beforehand.</summary>
internal static class PlanWarnings
{
    /// <summary>Text with many equal rows comes to 50.</summary>
    private const int UsualRatio = 200;

    public static IEnumerable<string> Of(RestoreContext context, IReadOnlyList<string> missingRoles)
    {
        var (request, source) = (context.Request, context.Source);
        if (source.Untrusted is { } untrusted)
            yield return $"it is not trusted: {untrusted} (--unsigned).";
        if (source.Manifest is null)
            yield return "it has no manifest: it is checked by its compression and its last line only, not by rows.";
        if (source.Manifest is { } manifest && PostgresVersion.Find(manifest.ServerVersion) is { } from && from.Major > context.Plan.ServerVersion.Major)
            yield return $"it was taken from PostgreSQL {from}, newer than the target's {context.Plan.ServerVersion}: some of it may not be understood.";
        if (missingRoles.Count > 0)
            yield return request.CreateMissingRoles
                ? $"roles that will be made, without login: {string.Join(", ", missingRoles)}."
                : $"roles that the server lacks, whose grants are left out: {string.Join(", ", missingRoles)} (--create-missing-roles makes them).";
        if (context.TargetAccessProblem is { } problem)
            yield return $"owners and grants come from the backup alone, since the target's could not be read: {problem}";
        if (request.TrustStatements)
            yield return "statements that pg_dump does not write are run as they stand (--trust-statements): whatever they do, this role does.";
        if (source.Manifest is { } packed && packed.SqlBytes / Math.Max(1, source.StoredBytes) is > UsualRatio and var ratio)
            yield return $"it unpacks to {ratio:N0} times its size.";
        if (context.Rights.Why is { } why)
            yield return why + ".";
        if (context.BackupAccess.FirstRefused is { } first)
            yield return $"{context.BackupAccess.RefusedCount:N0} statements of its access file are not run: they are no grants ({first} …).";
        if (request.EffectiveMode == RestoreMode.InPlace && context.Plan.BacksUpFirst)
            yield return "what is written between the pre-restore backup and the restore is in neither.";
        if (request.EffectiveMode == RestoreMode.Swap && request.DropReplication && context.Target is { } target && target.Slots.Count + target.Subscriptions.Count > 0)
            yield return $"dropped after the swap: {string.Join(", ", target.Slots.Concat(target.Subscriptions))}.";
    }
}
