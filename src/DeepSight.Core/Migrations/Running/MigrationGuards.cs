namespace DeepSight.Core.Migrations.Running;

/// <summary>What keeps a database from being migrated, before anything is touched.</summary>
internal static class MigrationGuards
{
    private const string WriteAnew = "put the files back as they were and write a new migration for the change.";

    public static void Check(MigrationState state, bool allowDrift)
    {
        if (state.IsAlembics)
            throw new DeepSightException(FailureKind.Refused,
                $"Alembic manages this database: its alembic_version says {string.Join(", ", state.Alembic)}, and there is no journal of ours. Nothing was changed.",
                "take it over with `deepsight migrate adopt-alembic`, which runs nothing; then migrate.");
        if (state.HasDrift && !allowDrift)
            throw new DeepSightException(FailureKind.Refused,
                "The database is not as the files say:\n  " + string.Join("\n  ", state.Drift) + "\nNothing was changed.", Cure(state));
    }

    /// <summary>A new database has nothing to lose; in any other somebody must have agreed.</summary>
    public static void RefuseDataLoss(IReadOnlyList<string> losses, UpRequest request)
    {
        if (request.AllowDataLoss || losses.Except(request.ApprovedLosses).ToList() is not { Count: > 0 } refused) return;
        throw new DeepSightException(FailureKind.Refused, $"Data would be deleted:\n  {string.Join("\n  ", refused)}\nNothing was changed.",
            "`deepsight migrate up --allow-data-loss` takes a backup and goes on.");
    }

    private static string Cure(MigrationState state) => state switch
    {
        { AlembicWentOn: true } =>
            "take `alembic upgrade` out of the program's start; then `deepsight migrate stamp` says what is applied now.",
        // Stamped back and run anew only where nothing applied follows: that would run anew as well.
        { Changed: [{ DownRevisions: var before } changed] } when state.Current.Contains(changed) =>
            $"{WriteAnew} While only you have it: `down` and `up` with --allow-drift run it anew; where its down finds nothing to undo, "
            + $"`deepsight migrate stamp {(before.Count == 0 ? "base" : string.Join(' ', before))}` and `up` do.",
        { Changed.Count: > 0 } => $"{WriteAnew} While only you have it: `down` and `up` with --allow-drift run it anew.",
        _ => "put the files back as they were, or go on with --allow-drift.",
    };
}
