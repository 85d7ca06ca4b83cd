using DeepSight.Core.Postgres;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>What is compared.</summary>
/// <param name="Heads">The revisions that the new one is to follow, as for <c>up</c>.</param>
/// <param name="Renames">As <c>users.mail=email</c>.</param>
public sealed record CompareRequest(IReadOnlyList<string> Heads, IReadOnlyList<string> Renames)
{
    /// <summary>What is led to the declared schema, in place of what the migrations make; only read. Null: the migrations.</summary>
    public DatabaseUrl? Database { get; init; }

    public SchemaScope Scope { get; init; } = SchemaScope.All;

    /// <summary>The server was started for this: roles that it lacks may be made.</summary>
    public bool IsOwnServer { get; init; }

    /// <summary>One revision wherever PostgreSQL allows it, though others wait for as long as it reads their tables.</summary>
    public bool IsShort { get; init; }

    /// <summary>Return scripts whose proof fails as well: <see cref="GeneratedScripts.Unproven"/>.</summary>
    public bool Unproven { get; init; }
}
