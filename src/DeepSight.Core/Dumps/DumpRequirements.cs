using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Dumps;

/// <summary>What must exist where a dump is restored, and what must not yet, read from its statements.</summary>
internal sealed class DumpRequirements
{
    /// <summary>The kind of a table in <see cref="Created"/>.</summary>
    public const string TableKind = "table";

    /// <summary>Of names, which are kept to be told: a hundred thousand objects have less.</summary>
    private const long MostNamed = 16 << 20;

    /// <summary>Kinds as a restore looks for them, by the words after CREATE.</summary>
    private static readonly Dictionary<string, string> Kinds = new (string Kind, string[] Phrases)[]
    {
        (TableKind, ["table", "unlogged table"]),
        ("relation", ["view", "materialized view", "sequence", "foreign table"]),
        ("type", ["type", "domain"]),
        ("routine", ["function", "procedure", "aggregate"]),
        ("event trigger", ["event trigger"]),
        ("publication", ["publication"]),
        ("server", ["server"]),
        ("foreign-data wrapper", ["foreign data wrapper"]),
        ("language", ["language", "procedural language", "trusted language", "trusted procedural language"]),
    }.SelectMany(kind => kind.Phrases, (kind, phrase) => (phrase, kind.Kind)).ToDictionary();

    private static readonly string[][] Phrases = PgDumpStatements.Phrases(string.Join('|', Kinds.Keys));

    private readonly SortedSet<string> extensions = new(StringComparer.Ordinal);
    private readonly SortedSet<string> roles = new(StringComparer.Ordinal);
    private readonly HashSet<string> made = new(StringComparer.Ordinal);
    private readonly List<(string Kind, string Name)> created = [];

    private long named;

    public IReadOnlyList<string> Extensions => [.. extensions];

    /// <summary>Without those that it makes itself.</summary>
    public IReadOnlyList<string> Roles => [.. roles.Except(made)];

    public IReadOnlyList<(string Kind, string Name)> Created => created;

    /// <summary>What the latest statement creates, qualified; null where it creates nothing that a restore looks for.</summary>
    public string? LastCreated { get; private set; }

    public void Statement(ReadOnlySpan<byte> head)
    {
        LastCreated = null;
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
        else if (ahead.Take("role"u8) && ahead.Next()) Keep(made, ahead.Value);
        else if (ahead.Take("schema"u8)) TakeRolesAfter(ahead, "authorization");
        TakeKind(tokens);
    }

    private void TakeKind(SqlTokens tokens)
    {
        if (PgDumpStatements.TakePhrase(ref tokens, Phrases) is not { } words || SqlName.Read(ref tokens) is not { } name) return;
        LastCreated = name;
        if (Fits(name)) created.Add((Kinds[words], name));
    }

    private void Keep(ISet<string> names, string name)
    {
        if (!names.Contains(name) && Fits(name)) names.Add(name);
    }

    private bool Fits(string name) => (named += name.Length) <= MostNamed;

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
        if (tokens.Next() && (tokens.IsName || tokens.Kind == SqlTokenKind.String) && !tokens.Is("default"u8) && !tokens.Is("none"u8)) Keep(roles, tokens.Value);
    }

    // CREATE EXTENSION [IF NOT EXISTS] name
    private void TakeExtension(SqlTokens tokens)
    {
        if (tokens.Take("if"u8)) _ = tokens.Take("not"u8) && tokens.Take("exists"u8);
        if (tokens.Next()) Keep(extensions, tokens.Value);
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
            if (tokens.Next() && tokens.IsName && !IsPseudoRole(tokens)) Keep(roles, tokens.Value);
        }
        while (tokens.Next() && tokens.Is(','));
    }

    private static bool IsPseudoRole(SqlTokens role) =>
        role.Is("public"u8) || role.Is("current_user"u8) || role.Is("current_role"u8)
        || role.Is("session_user"u8) || role.Is("user"u8);
}
