using System.IO.Compression;
using System.Text;
using DeepSight.Core.Databases;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Access;

/// <summary>
/// Owners, grants, default privileges and roles (without passwords) of a database, as plain SQL. The dump itself carries none
/// of them, so that it restores anywhere; this file restores them where the roles are.
/// </summary>
/// <param name="Content">gzip of the SQL.</param>
/// <param name="Roles">Every role that it names, sorted.</param>
internal sealed record AccessFile(byte[] Content, IReadOnlyList<string> Roles)
{
    /// <summary>
    /// Reads them from the database: statements about objects as pg_dump itself words them in a dump of the schema alone,
    /// which knows every kind of object, roles and large objects from the catalogue.
    /// </summary>
    public static async Task<AccessFile> CaptureAsync(NpgsqlConnection connection, DatabaseUrl database, PostgresClient client, CancellationToken cancellationToken)
    {
        var statements = await ReadStatementsAsync(connection, database, client, cancellationToken);
        var roles = await AccessCatalog.ReadAsync(connection, AccessCatalog.Roles, cancellationToken);
        var sql = Write(
            ("Roles, without passwords; those that exist already stay as they are",
                await AccessCatalog.ReadAsync(connection, AccessCatalog.CreateRoles, cancellationToken)),
            ("Memberships", await AccessCatalog.ReadAsync(connection, AccessCatalog.Memberships, cancellationToken)),
            ("Owners, grants and default privileges", statements.Found),
            ("Large objects", await AccessCatalog.ReadAsync(connection, AccessCatalog.LargeObjects, cancellationToken)),
            ("What belongs to the database itself and to its roles on the server. Nothing runs it: on a new server take from it what you want",
                await CommentedAsync(connection, database, cancellationToken)));

        return new AccessFile(Compress(sql), [.. roles.Union(statements.Owners).Order(StringComparer.Ordinal)]);
    }

    /// <summary>Owners, grants and default privileges as they are now, without the roles: a statement each, in order.</summary>
    public static async Task<IReadOnlyList<string>> ReadObjectsAsync(NpgsqlConnection connection, DatabaseUrl database, PostgresClient client, CancellationToken cancellationToken) =>
    [
        .. (await ReadStatementsAsync(connection, database, client, cancellationToken)).Found,
        .. await AccessCatalog.ReadAsync(connection, AccessCatalog.LargeObjects, cancellationToken),
    ];

    private static async Task<AccessStatements> ReadStatementsAsync(NpgsqlConnection connection, DatabaseUrl database, PostgresClient client, CancellationToken cancellationToken)
    {
        var statements = new AccessStatements();
        var scanner = new SqlScanner(statements);
        var options = new DumpOptions { Content = DumpContent.SchemaWithAccess, SharesOwnSchema = await OwnSchema.IsSharedAsync(connection, cancellationToken) };
        await using var dump = PostgresTools.StartDump(database, client, options, cancellationToken);
        var buffer = new byte[1 << 16];
        while (await dump.Output.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            scanner.Append(buffer.AsSpan(0, read));
        scanner.Complete();
        await dump.WaitForSuccessAsync();
        return statements;
    }

    /// <summary>
    /// As comments: they name a database and roles of the server, which whoever restores beside them, under another name, must not change.
    /// </summary>
    private static async Task<IReadOnlyList<string>> CommentedAsync(NpgsqlConnection connection, DatabaseUrl database, CancellationToken cancellationToken)
    {
        var attributes = await DatabaseAttributes.ReadAsync(connection, null, cancellationToken);
        var ofRoles = (await AccessCatalog.ReadPairsAsync(connection, AccessCatalog.RoleSettings, cancellationToken))
            .Select(setting => $"ALTER ROLE {setting.Name} {SettingValue.ToClause(setting.Value)}");
        // Of a database that a restore put aside the comment is that restore's.
        var comment = attributes.Comment is { } text && DatabaseMarker.Parse(text) is null ? [$"COMMENT ON DATABASE {Sql.Name(database.Database)} IS {Sql.Text(text)}"] : Array.Empty<string>();
        // A value may have several lines, and each must stay a comment.
        return [.. attributes.For(database.Database).Concat(ofRoles).Concat(comment).Select(statement => "-- " + statement.ReplaceLineEndings("\n-- ") + ";")];
    }

    private static string Write(params (string Title, IReadOnlyList<string> Statements)[] sections)
    {
        var sql = new StringBuilder("-- Access file of a DeepSight backup: run it with psql after the dump, as a superuser or the owner.\n");
        foreach (var (title, statements) in sections.Where(section => section.Statements.Count > 0))
        {
            sql.Append("\n-- ").Append(title).Append('\n');
            foreach (var statement in statements) sql.Append(statement).Append('\n');
        }

        return sql.ToString();
    }

    private static byte[] Compress(string sql)
    {
        using var content = new MemoryStream();
        using (var gzip = new GZipStream(content, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(Encoding.UTF8.GetBytes(sql));
        return content.ToArray();
    }
}
