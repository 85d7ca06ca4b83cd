using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Databases;

/// <summary>What belongs to a database itself and not to its content: settings, per role too, grants, connection limit, comment, whether it is a template.</summary>
internal sealed class DatabaseAttributes
{
    private readonly List<string> settings = [];
    private readonly List<string> rest = [];
    private readonly List<string> grants = [];

    public string? Comment { get; private init; }

    /// <param name="connection">To the maintenance database: in one of another encoding, names that aren't ASCII read otherwise.</param>
    /// <param name="database">Null for the one that is connected to.</param>
    public static async Task<DatabaseAttributes> ReadAsync(NpgsqlConnection connection, string? database, CancellationToken cancellationToken)
    {
        var (comment, limit, isTemplate) = await ReadRowAsync(connection, database, cancellationToken);
        var attributes = new DatabaseAttributes { Comment = comment };
        if (isTemplate) attributes.rest.Add("ALTER DATABASE {0} IS_TEMPLATE true");
        if (limit >= 0) attributes.rest.Add($"ALTER DATABASE {{0}} CONNECTION LIMIT {limit}");
        await attributes.ReadGrantsAsync(connection, database, cancellationToken);
        await attributes.ReadSettingsAsync(connection, database, cancellationToken);
        return attributes;
    }

    /// <summary>Statements that give them to another database.</summary>
    public IEnumerable<string> For(string database) =>
        Named(settings.Concat(rest).Concat(grants), database);

    /// <summary>Those of them that say who may connect and create.</summary>
    public IEnumerable<string> GrantsFor(string database) => Named(grants, database);

    private static IEnumerable<string> Named(IEnumerable<string> statements, string database) =>
        statements.Select(statement => statement.Replace("{0}", Sql.Name(database), StringComparison.Ordinal));

    private static async Task<(string? Comment, int Limit, bool IsTemplate)> ReadRowAsync(NpgsqlConnection connection, string? database, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "select shobj_description(oid, 'pg_database'), datconnlimit, datistemplate from pg_database where datname = coalesce(@name, current_database())", connection);
        command.Parameters.AddWithValue("name", database ?? (object)DBNull.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var comment = row.IsDBNull(0) ? null : row.GetString(0);
        // Brought back by hand, it still says that it was replaced.
        return (DatabaseMarker.Parse(comment) is { } marker ? marker.Comment : comment, row.GetInt32(1), row.GetBoolean(2));
    }

    /// <summary>In the order of the list, so that the copy reads the same. No list at all means the defaults, which a new database has.</summary>
    private async Task ReadGrantsAsync(NpgsqlConnection connection, string? database, CancellationToken cancellationToken)
    {
        var found = await connection.ListAsync(
            """
            select format('GRANT %s ON DATABASE {0} TO %s%s', string_agg(a.privilege_type, ', ' order by a.n),
                     case when a.grantee = 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(a.grantee)) end,
                     case when a.is_grantable then ' WITH GRANT OPTION' else '' end)
              from pg_database d cross join lateral aclexplode(d.datacl) with ordinality as a (grantor, grantee, privilege_type, is_grantable, n)
             where d.datname = coalesce(@name, current_database())
             group by a.grantee, a.is_grantable
             order by min(a.n)
            """, cancellationToken, ("name", database ?? (object)DBNull.Value));
        var owners = await connection.ListAsync(
            "select quote_ident(pg_get_userbyid(datdba)) from pg_database where datname = coalesce(@name, current_database()) and datacl is not null", cancellationToken, ("name", database ?? (object)DBNull.Value));
        grants.AddRange(owners.SelectMany(owner => new[] { "REVOKE ALL ON DATABASE {0} FROM PUBLIC", $"REVOKE ALL ON DATABASE {{0}} FROM {owner}" }));
        grants.AddRange(found);
    }

    private async Task ReadSettingsAsync(NpgsqlConnection connection, string? database, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select case when s.setrole = 0 then null else pg_get_userbyid(s.setrole)::text end, unnest(s.setconfig)
              from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
             where d.datname = coalesce(@name, current_database())
            """, connection);
        command.Parameters.AddWithValue("name", database ?? (object)DBNull.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var clause = SettingValue.ToClause(row.GetString(1));
            settings.Add(row.IsDBNull(0) ? $"ALTER DATABASE {{0}} {clause}" : $"ALTER ROLE {Sql.Name(row.GetString(0))} IN DATABASE {{0}} {clause}");
        }
    }
}
