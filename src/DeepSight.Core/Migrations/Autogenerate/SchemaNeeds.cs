using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>What scripts need of a server beside their own database: extensions that can be made, and roles.</summary>
internal sealed class SchemaNeeds
{
    private static readonly string[] NoRoles = ["public", "current_user", "current_role", "session_user", "none"];

    private readonly SortedSet<string> extensions = new(StringComparer.Ordinal);
    private readonly SortedSet<string> roles = new(StringComparer.Ordinal);
    private readonly List<string> makers = [];

    private SchemaNeeds()
    {
    }

    public static SchemaNeeds Of(IEnumerable<MigrationScript> scripts)
    {
        var needs = new SchemaNeeds();
        foreach (var statement in scripts.SelectMany(script => script.Statements)) needs.Read(statement.Text);
        return needs;
    }

    /// <param name="server">Any database of it.</param>
    /// <param name="isOurs">It was started for this: roles are made instead of missed.</param>
    /// <exception cref="DeepSightException">The server lacks something; nothing has run yet.</exception>
    public async Task RequireAsync(NpgsqlConnection server, bool isOurs, CancellationToken cancellationToken)
    {
        var missing = await MissingAsync(server, extensions, "select name::text from pg_available_extensions", cancellationToken);
        // A role that a script makes, in a DO block as well, is there in time.
        var strangers = (await MissingAsync(server, roles, "select rolname::text from pg_roles", cancellationToken))
            .Where(role => !makers.Any(maker => maker.Contains(role.Trim('"'), StringComparison.OrdinalIgnoreCase))).ToList();
        if (isOurs)
        {
            foreach (var role in strangers) await server.ExecuteAsync($"CREATE ROLE {role}", cancellationToken);
            strangers = [];
        }

        if (missing.Count + strangers.Count == 0) return;
        throw new DeepSightException(FailureKind.Refused,
            $"The server of the scratch databases lacks {string.Join(", ", [.. missing.Select(name => $"the extension {name}"), .. strangers.Select(name => $"the role {name}")])}. Nothing was run.",
            missing.Count > 0
                ? "let VERIFY_DATABASE_URL name a server that has them, or --on-target use that of DATABASE_URL."
                : $"make them there: {string.Join(' ', strangers.Select(role => $"CREATE ROLE {role};"))}");
    }

    private static async Task<IReadOnlyList<string>> MissingAsync(NpgsqlConnection server, SortedSet<string> wanted, string query, CancellationToken cancellationToken) =>
        wanted.Count == 0 ? [] : [.. wanted.Except((await server.ListAsync(query, cancellationToken)).Select(SqlName.Quote))];

    private void Read(string statement)
    {
        var words = new StatementWords(statement);
        if (statement.Contains("create role", StringComparison.OrdinalIgnoreCase) || statement.Contains("create user", StringComparison.OrdinalIgnoreCase)) makers.Add(statement);
        if (words.Starts("create", "extension") && words.Name(words.Skip(2, "if", "not", "exists")).Name is { } extension) extensions.Add(extension);
        if (words.Starts("grant")) AddRoles(words, words.Find(0, "to") + 1);
        if (words.Starts("revoke")) AddRoles(words, words.Find(0, "from") + 1);
        if (words.Starts("create", "policy") && words.Find(0, "to") is > 0 and var to) AddRoles(words, to + 1);
        if (words.Starts("alter", "default", "privileges", "for")) AddRoles(words, 5);
        if (words.Starts("alter", "default", "privileges") && words.Contains("grant")) AddRoles(words, words.Find(0, "to") + 1);
        if (words.Starts("alter") && words.Find(0, "owner", "to") is > 0 and var owner) AddRoles(words, owner + 2);
    }

    /// <summary>A list of roles with commas between them.</summary>
    private void AddRoles(StatementWords words, int index)
    {
        if (index == 0) return;
        do
        {
            var (role, next) = words.Name(words.Skip(index, "group"));
            if (role is not null && !NoRoles.Contains(role)) roles.Add(role);
            index = next + 1;
        }
        while (words[index - 1] == ",");
    }
}
