namespace DeepSight.Core.Databases;

/// <summary>
/// Event triggers of a restored database watch its users' DDL, not ours: they would forbid our grants, or log them. Who made them can
/// switch them off: it takes a superuser, or a role that may set these two. <c>event_triggers</c> exists from 17.
/// </summary>
internal static class EventTriggers
{
    public const string Off =
        """
        DO $deepsight$ BEGIN
          BEGIN PERFORM pg_catalog.set_config('session_replication_role', 'replica', false); EXCEPTION WHEN insufficient_privilege THEN NULL; END;
          BEGIN PERFORM pg_catalog.set_config('event_triggers', 'off', false); EXCEPTION WHEN insufficient_privilege OR undefined_object THEN NULL; END;
        END $deepsight$;

        """;

    public const string On =
        """
        DO $deepsight$ BEGIN
          BEGIN EXECUTE 'RESET session_replication_role'; EXCEPTION WHEN insufficient_privilege THEN NULL; END;
          BEGIN EXECUTE 'RESET event_triggers'; EXCEPTION WHEN insufficient_privilege OR undefined_object THEN NULL; END;
        END $deepsight$;

        """;
}
