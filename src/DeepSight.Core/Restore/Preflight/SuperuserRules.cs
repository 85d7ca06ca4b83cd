using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Restore.Preflight;

/// <summary>What of a backup only a superuser may create, known before anything is loaded.</summary>
internal static class SuperuserRules
{
    /// <summary>Providers whose administrators may do part of what superusers may: which part, only they know.</summary>
    private const string IsAdministrator =
        """
        select 1::text from pg_roles r where r.rolname = current_user and (r.rolsuper or exists (
          select from pg_roles a where a.rolname in ('rds_superuser', 'azure_pg_admin', 'cloudsqlsuperuser', 'alloydbsuperuser', 'neon_superuser', 'supabase_admin', 'supabase_privileged_role')
             and pg_has_role(a.oid, 'MEMBER')))
        """;

    /// <summary>Kinds that an ordinary owner may load as well, in the right circumstances.</summary>
    private static readonly string[] OfOwners =
    [
        "other roles", "security labels", "grants on the system's objects", "foreign servers", "subscriptions", "casts", "transforms", "switching all triggers off",
    ];

    /// <exception cref="DeepSightException">The role may not create it (<see cref="FailureKind.Refused"/>): all of it at once.</exception>
    public static async Task CheckAsync(RestoreContext context, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (context.Request.TolerateErrors || (await connection.ListAsync(IsAdministrator, cancellationToken)).Count > 0) return;

        // In place the target's extensions stay.
        var made = context.Checked?.Summary.Extensions ?? context.Source.Manifest?.Extensions ?? [];
        var inPlace = context.Request.EffectiveMode == RestoreMode.InPlace;
        var untrusted = await connection.ListAsync(
            """
            select e.name::text from pg_available_extensions e join pg_available_extension_versions v on v.name = e.name and v.version = e.default_version
             where e.name = any (@names) and v.superuser and not v.trusted and (not @inPlace or e.installed_version is null)
            """, cancellationToken, ("names", made.ToArray()), ("inPlace", inPlace));
        var needed = untrusted.Select(name => "the extension " + name).Concat((context.Checked?.Summary.SuperuserNeeds ?? context.Source.Manifest?.SuperuserNeeds ?? []).Except(OfOwners)).ToList();
        if (needed.Count == 0) return;

        throw new DeepSightException(FailureKind.Refused,
            $"The backup holds what only a superuser may create: {string.Join(", ", needed.Take(5))}{(needed.Count > 5 ? $" and {needed.Count - 5} more" : "")}.",
            !inPlace && untrusted.Count == needed.Count && context.Target is not null
                ? "restore as a superuser; or with --mode in-place --clean, which keeps the extensions that are there."
                : "restore as a superuser.");
    }
}
