namespace DeepSight.Core.Restore.Loading;

/// <summary>What to do about an error that psql stopped at.</summary>
internal static class LoadFailure
{
    private static readonly (string Said, string Hint)[] Known =
    [
        ("already exists", "the target isn't empty: --mode in-place --clean drops what is there first, and the mode swap restores beside it."),
        ("is not available", "install the extension on the server; `select * from pg_available_extensions` shows what it has."),
        ("must be superuser to create extension", "have a superuser create the extension, or restore as one."),
        ("No space left on device", "the server's disk is full; what was loaded is given back."),
        ("could not extend file", "the server's disk is full; what was loaded is given back."),
        ("max_locks_per_transaction", "raise max_locks_per_transaction on the server, or use the mode swap, which needs fewer locks."),
        ("canceling statement due to lock timeout", "a session holds locks on the target; end it, or use the mode swap."),
        ("terminating connection due to administrator command", "someone ended our session or the server; run the restore again."),
        ("server closed the connection", "the server went down or restarted; see its log, and run the restore again."),
        ("permission denied", "the role lacks a right that the dump needs: restore as the owner or as a superuser; as a superuser, --trust-statements loads with your own rights."),
        ("must be owner of", "the role lacks a right that the dump needs: restore as the owner or as a superuser; as a superuser, --trust-statements loads with your own rights."),
    ];

    public static DeepSightException Explain(DeepSightException failure)
    {
        var said = "The server did not take the dump: " + failure.Message;
        var hint = said.Contains("role \"", StringComparison.Ordinal) && said.Contains("does not exist", StringComparison.Ordinal)
            ? "--create-missing-roles makes the roles that are missing, without login."
            : HintFor(said) ?? failure.Hint;
        return new DeepSightException(failure.Kind, said, hint, failure);
    }

    /// <summary>Null for what isn't known.</summary>
    public static string? HintFor(string said) => Known.FirstOrDefault(known => said.Contains(known.Said, StringComparison.Ordinal)).Hint;
}
