using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Databases;

/// <summary>A <see cref="LoadLogin"/> that owns a scratch database while a dump is loaded into it.</summary>
internal sealed class LoadRole
{
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
        Url = LoadLogin.Url(scratch.Url, name);
    }

    /// <summary>The scratch database, as this role.</summary>
    public DatabaseUrl Url { get; }

    /// <summary>Of the role that goes with a scratch database: the same chance digits.</summary>
    public static string NameFor(string scratchDatabase) => LoadLogin.Prefix + scratchDatabase[^8..];

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
        catch (Exception e) when (LoadLogin.IsShutOut(e))
        {
            await role.GiveBackAsync(cancellationToken);
            await DropAsync(scratch.Maintenance, scratch.Name, cancellationToken);
            return (null, LoadLogin.Reason(e));
        }
    }

    /// <summary>What it owns gets the owner that our own session would have given it; then it is dropped.</summary>
    public async Task HandOverAsync(CancellationToken cancellationToken)
    {
        await GiveBackAsync(cancellationToken);
        await using var connection = await RestoreConnection.OpenAsync(scratch.Url, cancellationToken);
        // Those that a dump has made watch its users' DDL, not ours.
        await connection.ExecuteAsync(EventTriggers.Off, cancellationToken);
        var relations = await connection.ListAsync(LoadLogin.HandOver, cancellationToken, ("role", name));
        foreach (var some in relations.Chunk(AtOnce)) await connection.ExecuteAsync(string.Concat(some), cancellationToken);
        await connection.ExecuteAsync($"REASSIGN OWNED BY {name} TO CURRENT_USER; DROP OWNED BY {name}", cancellationToken);
        await connection.ExecuteAsync($"DROP ROLE {name}", cancellationToken);
    }

    /// <summary>The role that went with a scratch database which is gone, where there is one.</summary>
    public static async Task DropAsync(NpgsqlConnection maintenance, string scratchDatabase, CancellationToken cancellationToken)
    {
        if (scratchDatabase.Length < 8) return;
        var there = await maintenance.ListAsync("select rolname::text from pg_roles where rolname = @name and rolname ~ @pattern",
            cancellationToken, ("name", NameFor(scratchDatabase)), ("pattern", LoadLogin.Pattern));
        foreach (var role in there) await maintenance.ExecuteAsync($"DROP ROLE {Sql.Name(role)}", cancellationToken);
    }

    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        var bypass = await scratch.Maintenance.ListAsync("select 'BYPASSRLS' from pg_roles where rolname = current_user and rolsuper", cancellationToken);
        // The second dump reads every row.
        await LoadLogin.CreateAsync(scratch.Maintenance, Url, string.Concat(bypass), cancellationToken);
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
}
