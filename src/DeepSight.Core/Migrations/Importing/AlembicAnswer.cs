using System.Text.Json.Serialization;

namespace DeepSight.Core.Migrations.Importing;

/// <summary>A line that <c>recorder.py</c> prints: the history, or what came of one revision.</summary>
internal sealed record AlembicAnswer
{
    /// <summary>The import that failed; null where Alembic and SQLAlchemy are there.</summary>
    public string? Missing { get; init; }

    /// <summary>Why Alembic, env.py or the revision failed; null where none did.</summary>
    public string? Error { get; init; }

    public string? Version { get; init; }

    public IReadOnlyList<AlembicRevision> History { get; init; } = [];

    public IReadOnlyList<AlembicStatement> Statements { get; init; } = [];

    /// <summary>The name of Alembic's own table.</summary>
    public string VersionTable { get; init; } = "alembic_version";
}

/// <summary>What a revision's file says of itself.</summary>
/// <param name="File">Its path below the script location.</param>
internal sealed record AlembicRevision(string Revision, IReadOnlyList<string> DownRevisions, IReadOnlyList<string> DependsOn,
    IReadOnlyList<string> Labels, string Message, string File);

/// <summary>A statement that went to the server, with its values filled in.</summary>
/// <param name="Autocommit">It ran in a block of Alembic's autocommit_block().</param>
/// <param name="Rows">How many rows it returned; null where it returns none by its kind.</param>
/// <param name="Failed">The revision went on all the same.</param>
internal sealed record AlembicStatement(string Sql, StatementSource Source, bool Autocommit, int? Rows, bool Failed);

/// <summary>Who sent a statement.</summary>
[JsonConverter(typeof(KebabCase<StatementSource>))]
internal enum StatementSource
{
    /// <summary>env.py, or Alembic for its own table.</summary>
    Env,

    /// <summary>The revision's own code: it may have read the result.</summary>
    Revision,

    /// <summary>An operation, such as op.execute, which never hands out a result.</summary>
    Operation,
}
