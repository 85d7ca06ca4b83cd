using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Dumps;

/// <summary>What must exist where a dump is restored, read from the statements that name it.</summary>
internal sealed class DumpRequirements
{
    private readonly SortedSet<string> extensions = new(StringComparer.Ordinal);
    private readonly SortedSet<string> roles = new(StringComparer.Ordinal);

    /// <summary>More than any dump has; the manifest and the server's answer tell of the rest.</summary>
    private const int Most = 100_000;

    public IReadOnlyList<string> Extensions => [.. extensions];

    public IReadOnlyList<string> Roles => [.. roles];

    public void Statement(ReadOnlySpan<byte> head)
    {
        var tokens = new SqlTokens(head);
        if (!tokens.Take("create"u8)) return;

        if (tokens.Take("extension"u8)) TakeExtension(tokens);
        else if (tokens.Take("policy"u8)) TakePolicyRoles(tokens);
        else if (tokens.Take("user"u8) && tokens.Take("mapping"u8) && tokens.Take("for"u8)) TakeRoles(tokens);
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
