using System.Text;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Dumps;

/// <summary>What must exist where a dump is restored, and what must not yet, read from its statements.</summary>
internal sealed class DumpRequirements
{
    /// <summary>The kind of a table in <see cref="Created"/>.</summary>
    public const string TableKind = "table";

    /// <summary>Kinds as a restore looks for them, by the words after CREATE.</summary>
    private static readonly (string Words, string Kind)[] Kinds =
    [
        ("table", TableKind), ("unlogged table", TableKind), ("view", "relation"), ("materialized view", "relation"), ("sequence", "relation"), ("foreign table", "relation"), ("type", "type"), ("domain", "type"),
        ("function", "routine"), ("procedure", "routine"), ("aggregate", "routine"), ("event trigger", "event trigger"), ("publication", "publication"),
        ("server", "server"), ("foreign data wrapper", "foreign-data wrapper"), ("language", "language"), ("procedural language", "language"),
        ("trusted language", "language"), ("trusted procedural language", "language"),
    ];

    private readonly SortedSet<string> extensions = new(StringComparer.Ordinal);
    private readonly SortedSet<string> roles = new(StringComparer.Ordinal);
    private readonly HashSet<string> made = new(StringComparer.Ordinal);
    private readonly List<(string Kind, string Name)> created = [];

    /// <summary>More than any dump has; the manifest and the server's answer tell of the rest.</summary>
    private const int Most = 100_000;

    public IReadOnlyList<string> Extensions => [.. extensions];

    /// <summary>Without those that it makes itself.</summary>
    public IReadOnlyList<string> Roles => [.. roles.Except(made)];

    public IReadOnlyList<(string Kind, string Name)> Created => created;

    public void Statement(ReadOnlySpan<byte> head)
    {
        var tokens = new SqlTokens(head);
        if (tokens.Take("create"u8)) Create(tokens);
        else if (tokens.Take("alter"u8)) Alter(tokens);
        else if (tokens.Take("grant"u8) || tokens.Take("revoke"u8)) TakeRolesAfter(tokens, "to", "from");
        else if (tokens.Take("set"u8)) Session(tokens);
    }

    private void Create(SqlTokens tokens)
    {
        if (tokens.Take("or"u8)) tokens.Take("replace"u8);
        var ahead = tokens;
        if (ahead.Take("extension"u8)) TakeExtension(ahead);
        else if (ahead.Take("policy"u8)) TakePolicyRoles(ahead);
        else if (ahead.Take("user"u8) && ahead.Take("mapping"u8) && ahead.Take("for"u8)) TakeRoles(ahead);
        else if (ahead.Take("role"u8) && ahead.Next()) made.Add(ahead.Value);
        else if (ahead.Take("schema"u8)) TakeRolesAfter(ahead, "authorization");
        TakeKind(tokens);
    }

    private void TakeKind(SqlTokens tokens)
    {
        foreach (var (words, kind) in Kinds)
        {
            var ahead = tokens;
            if (!Skip(ref ahead, words)) continue;
            if (SqlName.Read(ref ahead) is { } name) created.Add((kind, name));
            break;
        }
    }

    private static bool Skip(ref SqlTokens tokens, string words)
    {
        foreach (var word in words.Split(' '))
            if (!tokens.Take(Encoding.ASCII.GetBytes(word))) return false;
        return true;
    }

    // ALTER kind name OWNER TO role; ALTER DEFAULT PRIVILEGES FOR ROLE role … TO role
    private void Alter(SqlTokens tokens)
    {
        if (tokens.Take("default"u8))
        {
            TakeRolesAfter(tokens, "role", "to", "from");
            return;
        }

        while (tokens.Next())
            if (tokens.Is("owner"u8) && tokens.Take("to"u8))
            {
                TakeRoles(tokens);
                return;
            }
    }

    // SET ROLE role; SET SESSION AUTHORIZATION 'role'
    private void Session(SqlTokens tokens)
    {
        if (!tokens.Take("role"u8) && !(tokens.Take("session"u8) && tokens.Take("authorization"u8))) return;
        if (tokens.Next() && (tokens.IsName || tokens.Kind == SqlTokenKind.String) && !tokens.Is("default"u8) && !tokens.Is("none"u8)) roles.Add(tokens.Value);
    }

    // CREATE EXTENSION [IF NOT EXISTS] name
    private void TakeExtension(SqlTokens tokens)
    {
        if (tokens.Take("if"u8)) _ = tokens.Take("not"u8) && tokens.Take("exists"u8);
        if (tokens.Next() && extensions.Count < Most) extensions.Add(tokens.Value);
    }

    // CREATE POLICY name ON table [AS …] [FOR …] [TO role, …] [USING (…)]
    private void TakePolicyRoles(SqlTokens tokens)
    {
        if (!tokens.Next() || !tokens.Take("on"u8) || SqlName.Read(ref tokens) is null) return;
        while (tokens.Next() && !tokens.Is('('))
        {
            if (!tokens.Is("to"u8)) continue;
            TakeRoles(tokens);
            return;
        }
    }

    private void TakeRolesAfter(SqlTokens tokens, params string[] words)
    {
        while (tokens.Next())
            if (tokens.Kind == SqlTokenKind.Word && words.Contains(tokens.Value, StringComparer.OrdinalIgnoreCase)) TakeRoles(tokens);
    }

    private void TakeRoles(SqlTokens tokens)
    {
        do
        {
            if (tokens.Next() && tokens.IsName && !IsPseudoRole(tokens) && roles.Count < Most) roles.Add(tokens.Value);
        }
        while (tokens.Next() && tokens.Is(','));
    }

    private static bool IsPseudoRole(SqlTokens role) =>
        role.Is("public"u8) || role.Is("current_user"u8) || role.Is("current_role"u8)
        || role.Is("session_user"u8) || role.Is("user"u8);
}
