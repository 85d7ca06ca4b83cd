using DeepSight.Core.Databases;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Restore.Loading;

/// <summary>With whose rights a dump is loaded: those of a role made for it, wherever the dump is content with that.</summary>
/// <param name="ByOwnRole">A <see cref="LoadLogin"/> loads it.</param>
/// <param name="Why">Why a powerful role loads it itself, for the plan; null when none does.</param>
internal sealed record LoadRights(bool ByOwnRole, string? Why)
{
    private const string Superuser = "a superuser";

    /// <summary>What a function could misuse; null for an ordinary role. And whether another role can be made.</summary>
    private const string Power =
        $"""
        select case when rolsuper then '{Superuser}' when rolcreaterole then 'one that may make roles'
                    when exists (select from pg_roles p where p.rolname in ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')
                                  and pg_has_role(current_user, p.oid, 'MEMBER')) then 'one that may run programs or reach files of the server' end,
               rolsuper or rolcreaterole, rolname::text
          from pg_roles where rolname = current_user
        """;

    /// <summary>plpgsql is in every new database.</summary>
    private const string Untrusted =
        """
        select wanted.name from unnest(@names) as wanted (name)
         where wanted.name <> 'plpgsql' and not exists (select from pg_available_extension_versions v where v.name = wanted.name and v.trusted)
        """;

    /// <summary>Of a load into a new database. Reads a dump of which nobody has noted what it needs once more.</summary>
    public static Task<LoadRights> DecideAsync(NpgsqlConnection connection, DumpSource source, bool trustStatements,
        IProgress<RestoreProgress>? progress, CancellationToken cancellationToken) =>
        DecideAsync(connection, null, trustStatements, async () => source.Manifest is { SuperuserNeeds: { } known } manifest
            ? (known, manifest.Extensions)
            : await NeedsAsync(source, progress, cancellationToken), cancellationToken);

    /// <summary>Of a load into a database that is there, whose extensions stay: only a superuser can lend its rights to a role and take them back.</summary>
    public static async Task<LoadRights> InPlaceAsync(NpgsqlConnection connection, DumpSummary dump, bool trustStatements, CancellationToken cancellationToken) =>
        await DecideAsync(connection, await connection.ListAsync("select extname::text from pg_extension", cancellationToken), trustStatements,
            () => Task.FromResult((dump.SuperuserNeeds, dump.Extensions)), cancellationToken);

    /// <param name="there">Extensions of the database; null for a new one.</param>
    private static async Task<LoadRights> DecideAsync(NpgsqlConnection connection, IReadOnlyList<string>? there, bool trustStatements,
        Func<Task<(IReadOnlyList<string> Needs, IReadOnlyList<string> Extensions)>> dump, CancellationToken cancellationToken)
    {
        var (power, mayMake, role) = await PowerAsync(connection, cancellationToken);
        if (power is null) return new LoadRights(false, null);
        if (trustStatements) return With("as --trust-statements says");

        var (needs, extensions) = await dump();
        var untrusted = await connection.ListAsync(Untrusted, cancellationToken, ("names", extensions.Except(there ?? []).ToArray()));
        var all = needs.Concat(untrusted.Select(name => $"the extension {name}")).ToList();
        return all.Count > 0 ? With("the dump needs it for " + string.Join(", ", all.Take(5)) + (all.Count > 5 ? " and more" : ""))
            : mayMake && (there is null || power == Superuser) ? new LoadRights(true, null)
            : With("it may not make another role for this");

        LoadRights With(string why) => new(false, $"code in the dump runs with the rights of '{role}', {power}: {why}");
    }

    private static async Task<(string? Power, bool MayMake, string Role)> PowerAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Power, connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (row.IsDBNull(0) ? null : row.GetString(0), row.GetBoolean(1), row.GetString(2));
    }

    private static async Task<(IReadOnlyList<string> Needs, IReadOnlyList<string> Extensions)> NeedsAsync(DumpSource source,
        IProgress<RestoreProgress>? progress, CancellationToken cancellationToken)
    {
        var summary = (await DumpLoader.CheckAsync(source, inOneTransaction: true, trustStatements: false, progress, cancellationToken)).Summary;
        return (summary.SuperuserNeeds, summary.Extensions);
    }
}
