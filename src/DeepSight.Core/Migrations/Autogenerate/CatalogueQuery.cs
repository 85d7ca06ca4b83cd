namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>The form that each kind's query has.</summary>
internal static class CatalogueQuery
{
    /// <summary>Schemas of users: <c>n</c> is pg_namespace.</summary>
    public const string OfUsers = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and n.nspname <> all (@excluded)";

    /// <param name="catalogue">The system table (or an expression that gives it) whose row it is, and the expressions that find the row there.</param>
    /// <param name="identity">An expression.</param>
    /// <param name="properties">Pairs of a name and an expression, as json_build_object takes them.</param>
    /// <param name="facts">The same.</param>
    /// <param name="parent">The same of what it is a part of.</param>
    public static string Select((string Catalogue, string Oid, string Number) catalogue, string identity, string from,
        string properties = "", string facts = "", (string Catalogue, string Oid, string Number)? parent = null) =>
        $"""
        select {Address(catalogue)}, {Address(parent ?? ("pg_class", "0", "0"))}, {identity},
               json_build_object({facts})::text, json_build_object({properties})::text
          {from}
        """;

    private static string Address((string Catalogue, string Oid, string Number) of) =>
        $"{(of.Catalogue.StartsWith("pg_", StringComparison.Ordinal) ? $"'{of.Catalogue}'::regclass::oid" : of.Catalogue)}, ({of.Oid})::oid, ({of.Number})::int";
}
