using DeepSight.Core.Access;
using DeepSight.Core.Postgres.Sql;
using DeepSight.Core.Restore.Loading;
using Npgsql;

namespace DeepSight.Core.Restore;

/// <summary>Gives a restored database its owners and grants.</summary>
internal static class AccessReplay
{
    /// <param name="schema">As <see cref="AccessPlan.ToSql"/> had it.</param>
    public static string RefusedQuery(string schema = "pg_temp") => $"SELECT statement || ' (' || reason || ')' FROM {schema}.deepsight_refused";

    /// <summary>Prints them as psql's answers.</summary>
    public static string AnswerRefused(string schema = "pg_temp") =>
        $"SELECT '{PsqlSession.AnswerPrefix}' || replace(refused.line, E'\n', ' ') FROM ({RefusedQuery(schema)}) AS refused (line);\n";

    /// <summary>Makes the roles that are missing, where that is asked for, and decides which statements are run.</summary>
    public static async Task<AccessPlan> PrepareAsync(RestoreContext context, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var created = new HashSet<string>(StringComparer.Ordinal);
        if (context.Request.CreateMissingRoles) created.UnionWith(context.Plan.MissingRoles);
        var roles = await connection.ListAsync("select rolname::text from pg_roles", cancellationToken);
        return AccessPlan.Of(context.TargetAccess, context.BackupAccess, roles.ToHashSet(StringComparer.Ordinal), created);
    }

    /// <summary>Roles are the server's, not the database's: made first, since the dump itself may need them, and kept whatever follows.</summary>
    public static async Task CreateRolesAsync(RestoreContext context, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (!context.Request.CreateMissingRoles) return;
        foreach (var role in context.Plan.MissingRoles)
        {
            try
            {
                var inherit = context.BackupAccess.WithoutInherit.Contains(role) ? " NOINHERIT" : "";
                await connection.ExecuteAsync($"CREATE ROLE {Sql.Name(role)} NOLOGIN{inherit}", cancellationToken);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DuplicateObject)
            {
                // Somebody else made it since the plan was made.
            }
            catch (PostgresException e)
            {
                throw new DeepSightException(FailureKind.Failed, $"The role '{role}' can't be made: {e.MessageText}.",
                    "the restoring role needs CREATEROLE, or leave --create-missing-roles out.", e);
            }
        }
    }

    public static IReadOnlyList<string> Notes(AccessPlan plan, IReadOnlyList<string> refused)
    {
        const int shown = 3;
        var notes = new List<string>();
        if (plan.SkippedRoles.Count > 0)
            notes.Add($"grants were left out, since the server has no roles {string.Join(", ", plan.SkippedRoles)}");
        if (plan.SkippedMemberships.Count > 0)
            notes.Add($"new roles did not become members of roles that were there: run {string.Join(" ", plan.SkippedMemberships.Take(shown))}{(plan.SkippedMemberships.Count > shown ? " …" : "")}");
        if (refused.Count > 0)
            notes.Add($"{refused.Count} owners or grants could not be set: {string.Join("; ", refused.Take(shown))}{(refused.Count > shown ? " …" : "")}");
        return notes;
    }
}
