namespace DeepSight.Core.Migrations.Files;

/// <summary>One SQL file, read.</summary>
/// <param name="Path">Below its folder, with <c>/</c> between folders: what grate's journal calls it.</param>
/// <param name="Text">With tokens replaced: what runs, what is hashed and what the journal keeps.</param>
public sealed record MigrationScript(ScriptFolder Folder, string Path, RunKind Runs, string Text)
{
    /// <summary>What RoundhousE's journal calls it.</summary>
    public string FileName => System.IO.Path.GetFileName(Path);

    /// <summary>For people: <c>up/0002_add_users.sql</c>.</summary>
    public string Display => $"{Folder.Name}/{Path}";

    /// <summary>As the journal stores it.</summary>
    public string Hash { get; } = ScriptHash.Of(Text);

    internal IReadOnlyList<MigrationStatement> Statements => StatementsFor(standardStrings: true);

    /// <inheritdoc cref="SqlSplitter.Split"/>
    internal IReadOnlyList<MigrationStatement> StatementsFor(bool standardStrings) => SqlSplitter.Split(Text, Display, standardStrings);

    /// <summary>False with <c>-- transaction: off</c> at the top.</summary>
    internal bool InTransaction => Graph.RevisionHeader.Parse(Text, Display).InTransaction;

    public override string ToString() => Display;
}

/// <summary>When a script runs.</summary>
public enum RunKind
{
    /// <summary>A revision of the history: once, in the graph's order.</summary>
    Revision,

    /// <summary>Undoes the revision of the same name.</summary>
    Undo,

    /// <summary>Once in a database's life.</summary>
    Once,

    /// <summary>When its text changed since it last ran.</summary>
    AnyTime,

    /// <summary>With every migration up to the head.</summary>
    EveryTime,
}
