using System.Security.Cryptography;
using System.Text;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Databases;

/// <summary>
/// A role made for one load, which may do nothing else: code in a dump runs with what its session may do. It logs in by itself, since from
/// SET ROLE and SET SESSION AUTHORIZATION a function could go back.
/// </summary>
internal static class LoadLogin
{
    public const string Prefix = "deepsight_load_";

    /// <summary>As PostgreSQL's regular expressions have it.</summary>
    public const string Pattern = "^deepsight_load_[0-9a-f]{8}$";

    /// <summary>
    /// Statements that give the relations of <c>@role</c> to the current user. One by one, since ALTER TABLE refuses, unlike REASSIGN OWNED, where a
    /// deferred trigger is still to run.
    /// </summary>
    public const string HandOver =
        """
        select format('ALTER TABLE %I.%I OWNER TO %I;', n.nspname, c.relname, current_user)
          from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_roles r on r.oid = c.relowner
         where r.rolname = @role and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
           and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
                            and c.relkind = 'S' and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i'))
         order by c.oid
        """;

    /// <summary>The database as this role, with a password of chance.</summary>
    public static DatabaseUrl Url(DatabaseUrl database, string name) =>
        database with { User = name, Password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)), PasswordFile = null };

    /// <param name="options">As CREATE ROLE takes them.</param>
    public static Task CreateAsync(NpgsqlConnection admin, DatabaseUrl login, string options, CancellationToken cancellationToken) => admin.ExecuteAsync(
        // The password is sent as the server keeps it: what it logs of a statement is none.
        $"CREATE ROLE {login.User} LOGIN CONNECTION LIMIT 8 PASSWORD {Sql.Text(Verifier(login.Password!))} {options}", cancellationToken);

    /// <summary>
    /// With its sessions and what it may do in databases; nothing where it was never made. One that owns something stays, with an error: DROP OWNED would
    /// take the content of a scratch database that somebody has given another name.
    /// </summary>
    public static async Task DropAsync(NpgsqlConnection admin, string name, CancellationToken cancellationToken)
    {
        await admin.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{name}'", cancellationToken);
        var databases = await admin.ListAsync(
            "select distinct d.datname::text from pg_database d cross join aclexplode(d.datacl) a join pg_roles r on r.oid = a.grantee where r.rolname = @name",
            cancellationToken, ("name", name));
        foreach (var database in databases) await admin.ExecuteAsync($"REVOKE ALL ON DATABASE {Sql.Name(database)} FROM {name}", cancellationToken);
        await admin.ExecuteAsync($"DROP ROLE IF EXISTS {name}", cancellationToken);
    }

    /// <summary>
    /// The server doesn't let it in, or lets nobody make it. Whatever else keeps it out, as a server that has no connection to give, passes, and is no
    /// reason to go on with more rights.
    /// </summary>
    public static bool IsShutOut(Exception e) =>
        (e as PostgresException ?? e.InnerException as PostgresException)?.SqlState is { } state && (state.StartsWith("28", StringComparison.Ordinal) || state == PostgresErrorCodes.InsufficientPrivilege);

    /// <summary>Why there is none.</summary>
    public static string Reason(Exception e) => (e as PostgresException)?.MessageText ?? e.Message.TrimEnd('.');

    /// <summary>SCRAM-SHA-256 as PostgreSQL keeps it (RFC 5803; src/common/scram-common.c): nobody can log in with it.</summary>
    private static string Verifier(string password)
    {
        const int iterations = 4096;
        var salt = RandomNumberGenerator.GetBytes(16);
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.ASCII.GetBytes(password), salt, iterations, HashAlgorithmName.SHA256, 32);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return $"SCRAM-SHA-256${iterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}";
    }
}
