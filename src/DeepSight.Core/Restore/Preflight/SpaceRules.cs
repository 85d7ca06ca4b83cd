using DeepSight.Core.Dumps;

namespace DeepSight.Core.Restore.Preflight;

/// <summary>No PostgreSQL tells how much disk is left: what a restore needs is shown, and for much of it production is asked.</summary>
internal static class SpaceRules
{
    /// <summary>From here on a production server is asked for <c>--confirm-space</c>.</summary>
    public const long Much = 5_000_000_000;

    /// <summary>Where only the compressed size is known.</summary>
    private const int UsualRatio = 8;

    /// <summary>Twice the larger of what is there and what comes: the new content with its indexes, and the log of writing it.</summary>
    public static long Needed(DumpSource source, long databaseBytes, long? sqlBytes) =>
        2 * Math.Max(databaseBytes, sqlBytes ?? source.Manifest?.SqlBytes ?? source.StoredBytes * UsualRatio);

    /// <exception cref="DeepSightException">Much is needed on production, and nobody said that it is there.</exception>
    public static void Check(RestoreRequest request, RestorePlan plan)
    {
        if (plan.Production is not null && plan.SpaceNeeded > Much && !request.ConfirmSpace && !request.DryRun)
            throw new DeepSightException(FailureKind.Refused,
                $"The restore may need {plan.SpaceNeeded / 1e9:0.0} GB on the server of '{plan.Target.Display}', which is production.",
                "see that the disk has room for it, then add --confirm-space.");
    }
}
