using System.IO.Enumeration;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>Which part of a database is compared; all of it by default.</summary>
/// <param name="Schemas">Names; none stands for every schema.</param>
/// <param name="Exclude">Patterns with <c>*</c> and <c>?</c>, of a schema or, as <c>schema.name</c>, of tables, views and sequences.</param>
public sealed record SchemaScope(IReadOnlyList<string> Schemas, IReadOnlyList<string> Exclude)
{
    private static readonly string[] Relations = ["table", "view", "materialized view", "sequence"];

    public static SchemaScope All { get; } = new([], []);

    /// <summary>Names of the database's schemas that are left out, our own among them.</summary>
    internal async Task<IReadOnlyList<string>> LeftOutAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
    [
        OwnSchema.Name,
        .. (await connection.ListAsync("select nspname::text from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'", cancellationToken))
            .Where(schema => (Schemas.Count > 0 && !Schemas.Contains(schema)) || Exclude.Any(pattern => Matches(pattern, schema))),
    ];

    /// <summary>The model without the relations that a pattern names, and without what belongs to them.</summary>
    internal SchemaModel Of(SchemaModel model)
    {
        var patterns = Exclude.Where(pattern => pattern.Contains('.', StringComparison.Ordinal)).ToList();
        return patterns.Count == 0 ? model : model.Without(found =>
            Relations.Contains(found.Kind.Name) && patterns.Any(pattern => Matches(pattern, found.Identity.Replace("\"", "", StringComparison.Ordinal))));
    }

    /// <summary>The same for pg_dump.</summary>
    internal async Task<IReadOnlyList<string>> DumpArgumentsAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
    [
        .. (await LeftOutAsync(connection, cancellationToken)).Where(schema => schema != OwnSchema.Name).Select(schema => $"--exclude-schema=\"{schema}\""),
        .. Exclude.Where(pattern => pattern.Contains('.', StringComparison.Ordinal)).Select(pattern => $"--exclude-table={pattern}"),
    ];

    private static bool Matches(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
}
