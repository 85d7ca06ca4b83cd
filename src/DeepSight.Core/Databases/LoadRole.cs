using System.Security.Cryptography;
using System.Text;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Databases;

/// <summary>
/// A role that owns a scratch database while a dump is loaded into it, and may do nothing else: code in a dump runs with what its session
/// may do. It logs in by itself, since from SET ROLE and SET SESSION AUTHORIZATION a function could go back.
/// </summary>
internal sealed class LoadRole
{
    private const string Prefix = "deepsight_load_";

    /// <summary>As PostgreSQL's regular expressions have it.</summary>
    public const string Pattern = "^deepsight_load_[0-9a-f]{8}$";

    /// <summary>Relations that get their new owner in one transaction, which locks each with its indexes.</summary>
    private const int AtOnce = 200;

    private readonly ScratchDatabase scratch;
    private readonly string name;
    private string databaseOwner = "";
    private string? publicOwner;

    private LoadRole(ScratchDatabase scratch)
    {
        this.scratch = scratch;
        name = NameFor(scratch.Name);
        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        Url = scratch.Url with { User = name, Password = password, PasswordFile = null };
    }

    /// <summary>The scratch database, as this role.</summary>
    public DatabaseUrl Url { get; }

    /// <summary>Of the role that goes with a scratch database: the same chance digits.</summary>
    public static string NameFor(string scratchDatabase) => Prefix + scratchDatabase[^8..];

    /// <returns>The role; or null, and why there is none: the server doesn't let it in, or may not make one.</returns>
    public static async Task<(LoadRole? Role, string? WhyNot)> TryMakeAsync(ScratchDatabase scratch, CancellationToken cancellationToken)
    {
        var role = new LoadRole(scratch);
        try
        {
            await role.MakeAsync(cancellationToken);
            // Whether pg_hba.conf lets it in, only trying tells.
            await using var connection = await RestoreConnection.OpenAsync(role.Url, cancellationToken);
            return (role, null);
        }
        catch (Exception e) when (e is PostgresException or DeepSightException)
        {
            await role.GiveBackAsync(cancellationToken);
            await DropAsync(scratch.Maintenance, scratch.Name, cancellationToken);
            return (null, (e as PostgresException)?.MessageText ?? e.Message.TrimEnd('.'));
        }
    }

    /// <summary>What it owns gets the owner that our own session would have given it; then it is dropped.</summary>
    public async Task HandOverAsync(CancellationToken cancellationToken)
    {
        await GiveBackAsync(cancellationToken);
        await using var connection = await RestoreConnection.OpenAsync(scratch.Url, cancellationToken);
        // Those that a dump has made watch its users' DDL, not ours.
        await connection.ExecuteAsync(EventTriggers.Off, cancellationToken);
        var relations = await connection.ListAsync(
            """
            select format('ALTER TABLE %I.%I OWNER TO %I;', n.nspname, c.relname, current_user)
              from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_roles r on r.oid = c.relowner
             where r.rolname = @role and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
               and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
                                and c.relkind = 'S' and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i'))
             order by c.oid
            """, cancellationToken, ("role", name));
        foreach (var some in relations.Chunk(AtOnce)) await connection.ExecuteAsync(string.Concat(some), cancellationToken);
        await connection.ExecuteAsync($"REASSIGN OWNED BY {name} TO CURRENT_USER; DROP OWNED BY {name}", cancellationToken);
        await connection.ExecuteAsync($"DROP ROLE {name}", cancellationToken);
    }

    /// <summary>The role that went with a scratch database which is gone, where there is one.</summary>
    public static async Task DropAsync(NpgsqlConnection maintenance, string scratchDatabase, CancellationToken cancellationToken)
    {
        if (scratchDatabase.Length < 8) return;
        var there = await maintenance.ListAsync("select rolname::text from pg_roles where rolname = @name and rolname ~ @pattern",
            cancellationToken, ("name", NameFor(scratchDatabase)), ("pattern", Pattern));
        foreach (var role in there) await maintenance.ExecuteAsync($"DROP ROLE {Sql.Name(role)}", cancellationToken);
    }

    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        var bypass = await scratch.Maintenance.ListAsync("select 'BYPASSRLS' from pg_roles where rolname = current_user and rolsuper", cancellationToken);
        await scratch.Maintenance.ExecuteAsync(
            // The second dump reads every row. It is sent as the server keeps it: what it logs of a statement is no password.
            $"CREATE ROLE {name} LOGIN {string.Concat(bypass)} CONNECTION LIMIT 8 PASSWORD {Sql.Text(Verifier(Url.Password!))}", cancellationToken);
        if (bypass.Count == 0) await scratch.Maintenance.ExecuteAsync($"GRANT {name} TO CURRENT_USER", cancellationToken);
        databaseOwner = (await scratch.Maintenance.ListAsync("select pg_get_userbyid(datdba)::text from pg_database where datname = @name",
            cancellationToken, ("name", scratch.Name)))[0];
        await scratch.Maintenance.ExecuteAsync($"ALTER DATABASE {Sql.Name(scratch.Name)} OWNER TO {name}", cancellationToken);

        await using var connection = await RestoreConnection.OpenAsync(scratch.Url, cancellationToken);
        var owners = await connection.ListAsync("select pg_get_userbyid(nspowner)::text from pg_namespace where nspname = 'public'", cancellationToken);
        // From 15 on it belongs to whoever owns the database.
        if (owners is not [var owner] || owner == "pg_database_owner") return;
        await connection.ExecuteAsync($"ALTER SCHEMA public OWNER TO {name}", cancellationToken);
        publicOwner = owner;
    }

    private async Task GiveBackAsync(CancellationToken cancellationToken)
    {
        if (databaseOwner.Length == 0) return;
        await scratch.Maintenance.ExecuteAsync($"ALTER DATABASE {Sql.Name(scratch.Name)} OWNER TO {Sql.Name(databaseOwner)}", cancellationToken);
        if (publicOwner is null) return;

        await using var connection = await RestoreConnection.OpenAsync(scratch.Url, cancellationToken);
        if ((await connection.ListAsync("select nspname::text from pg_namespace where nspname = 'public'", cancellationToken)).Count > 0)
            await connection.ExecuteAsync(EventTriggers.Off + $"ALTER SCHEMA public OWNER TO {Sql.Name(publicOwner)}", cancellationToken);
    }

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
