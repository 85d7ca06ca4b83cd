using System.Collections.Frozen;

namespace DeepSight.Core.Restore.Loading;

/// <summary>How a dump is loaded into a database that is there.</summary>
internal sealed record LoadOptions
{
    /// <summary>
    /// All or nothing, for a database that is in use. Without it what fails leaves a half: for a new database, which is dropped
    /// then, and where a transaction over everything would only need more locks than a server has.
    /// </summary>
    public bool SingleTransaction { get; init; }

    /// <summary>How many sessions load rows and build indexes; one within a single transaction.</summary>
    public int Sessions { get; init; } = 2;

    /// <summary>Statements pass that pg_dump doesn't write, as long as they are about the database itself.</summary>
    public bool TrustStatements { get; init; }

    /// <summary>SQL before the dump's, within the transaction.</summary>
    public string Before { get; init; } = "";

    /// <summary>SQL after the dump's, within the transaction.</summary>
    public string After { get; init; } = "";

    /// <summary>Schemas whose CREATE and COMMENT are left out, since they stayed.</summary>
    public IReadOnlySet<string> KeptSchemas { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Extensions whose CREATE and COMMENT are left out, since they stayed.</summary>
    public IReadOnlySet<string> KeptExtensions { get; init; } = FrozenSet<string>.Empty;

    /// <summary>plpgsql is in every new database and belongs to its first superuser: nobody else could comment on it.</summary>
    public static IReadOnlySet<string> ThereAlready { get; } = FrozenSet.Create("plpgsql");

    /// <summary>The SHA-256 that a first pass found; null where there was none. A manifest's is checked in any case.</summary>
    public string? ExpectedSha256 { get; init; }

    /// <summary>Called when everything agrees, right before COMMIT; its exception rolls everything back.</summary>
    public Func<CancellationToken, Task> BeforeCommit { get; init; } = static _ => Task.CompletedTask;
}
