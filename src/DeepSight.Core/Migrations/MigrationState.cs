using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Migrations.Graph;
using DeepSight.Core.Migrations.Journal;

namespace DeepSight.Core.Migrations;

/// <summary>A database against the files: what is applied, what is missing, what doesn't agree.</summary>
public sealed class MigrationState
{
    internal MigrationState(MigrationFiles files, JournalContent journal)
    {
        Files = files;
        Journal = journal;
        var scripts = files.Graph.Revisions.Select(revision => (revision, Entry: journal.Find(files.Up(revision)))).ToList();
        Journaled = [.. scripts.Where(pair => pair.Entry is not null).Select(pair => pair.revision)];
        Changed = [.. scripts.Where(pair => pair.Entry?.Hash is { } hash && !ScriptHash.Matches(files.Up(pair.revision).Text, hash)).Select(pair => pair.revision)];

        // What undoes a revision stands for no revision: its own file may be gone.
        var known = files.Scripts.Where(script => script.Runs != RunKind.Undo).SelectMany(script => new[] { script.Path, script.FileName })
            .Concat(files.ForOtherEnvironments).Concat(files.ForOtherEnvironments.Select(path => Path.GetFileName(path))).ToHashSet(StringComparer.Ordinal);
        var unknown = journal.Entries.Where(entry => entry.IsOneTime && !known.Contains(entry.ScriptName)).ToList();
        var missing = scripts.Where(pair => pair.Entry is null).Select(pair => pair.revision).ToList();
        Renamed = [.. unknown.SelectMany(entry => missing.Where(revision => ScriptHash.Matches(files.Up(revision).Text, entry.Hash)).Take(1).Select(revision => (entry, revision)))];
        Unknown = [.. unknown.Except(Renamed.Select(pair => pair.Entry))];
    }

    public MigrationFiles Files { get; }

    public RevisionGraph Graph => Files.Graph;

    /// <summary>By the journal; on a database that is still Alembic's, by its table, where all names there are ours.</summary>
    public IReadOnlyCollection<Revision> Applied => field ??= !IsAlembics ? Journaled
        : Alembic.Select(Graph.Find).ToList() is var heads && !heads.Contains(null) ? Graph.Needs(heads.OfType<Revision>()) : [];

    /// <summary>Where the database stands: the applied revisions that no other applied one needs.</summary>
    public IReadOnlyList<Revision> Current => Graph.Tips(Applied);

    /// <summary>In the order in which <c>up heads</c> would apply them.</summary>
    public IReadOnlyList<Revision> Pending => new UpgradePlanner(Graph).Plan(Applied, "heads");

    /// <summary>Pending though something applied needs them: files that came late. They run like the others.</summary>
    public IReadOnlyList<Revision> OutOfOrder => [.. Pending.Where(revision => Graph.Dependents([revision]).Overlaps(Applied))];

    /// <summary>Applied with another text than their file has now.</summary>
    public IReadOnlyList<Revision> Changed { get; }

    /// <summary>Applied, and in no file any more.</summary>
    public IReadOnlyList<JournalEntry> Unknown { get; }

    /// <summary>Applied under another file name, by their text.</summary>
    public IReadOnlyList<(JournalEntry Entry, Revision Revision)> Renamed { get; }

    /// <summary>Any-time scripts that changed since they ran: <c>up head</c> runs them, behind what is pending.</summary>
    public IReadOnlyList<MigrationScript> PendingScripts => IsAlembics ? [] : [.. Files.Of(RunKind.AnyTime).Where(IsDue)];

    /// <summary>Alembic moved the schema on after it was taken over: two tools migrate one database.</summary>
    public bool AlembicWentOn => HasJournal && AlembicAtStamp is not null && Alembic.Count > 0 && Join(Alembic) != AlembicAtStamp;

    /// <summary>What the journal and the files disagree about, a line each.</summary>
    public IReadOnlyList<string> Drift =>
    [
        .. Changed.Select(revision => $"up/{revision.File} changed after it was applied"),
        .. Renamed.Select(pair => $"up/{pair.Revision.File} was applied as {pair.Entry.ScriptName}"),
        .. Unknown.Select(entry => $"{entry.ScriptName} was applied, and is in no file any more"),
        .. AlembicWentOn
            ? [$"alembic_version says {Join(Alembic)}, and said {AlembicAtStamp} when it was taken over: Alembic still migrates it"]
            : (string[])[],
    ];

    public bool HasDrift => Drift.Count > 0;

    public bool IsUpToDate => Pending.Count + PendingScripts.Count == 0 && !HasDrift;

    /// <summary>There is a journal, ours or another tool's.</summary>
    public bool HasJournal { get; init; }

    /// <summary>We have migrated, stamped or adopted this database before.</summary>
    public bool IsKnown { get; init; }

    /// <summary>Why automatic migration is held; null when it isn't.</summary>
    public string? Hold { get; init; }

    /// <summary>The heads that Alembic recorded, whether or not they were adopted.</summary>
    public IReadOnlyList<string> Alembic { get; init; } = [];

    /// <summary>Alembic's database, not yet adopted: ours to look at only.</summary>
    public bool IsAlembics => Alembic.Count > 0 && !HasJournal;

    /// <summary>Revisions whose statement ran outside a transaction and was cut off.</summary>
    public IReadOnlyList<string> Interrupted => [.. Interruptions.Select(interruption => interruption.Revision)];

    internal IReadOnlyList<Interruption> Interruptions { get; init; } = [];

    /// <summary>When something was last undone; any-time scripts that are older run again.</summary>
    internal DateTime? LastDownAt { get; init; }

    /// <summary>What <see cref="Alembic"/> was when the journal took over or was last stamped.</summary>
    internal string? AlembicAtStamp { get; init; }

    internal JournalContent Journal { get; }

    /// <summary>The revisions that the journal has.</summary>
    internal IReadOnlyCollection<Revision> Journaled { get; }

    internal bool IsDue(MigrationScript script) => Journal.Find(script) is not { } entry
        || !ScriptHash.Matches(script.Text, entry.Hash)
        // A view may have gone with the table that a down dropped.
        || entry.At < LastDownAt;

    /// <summary>As health and manifests show it: several heads joined with a comma; null when nothing is applied.</summary>
    public string? CurrentRevision => Join(IsAlembics ? Alembic : [.. Current.Select(revision => revision.Id)]);

    /// <summary>As <see cref="CurrentRevision"/>, of the files.</summary>
    public string? HeadRevision => Join([.. Graph.Heads.Select(revision => revision.Id)]);

    internal static string? Join(IReadOnlyList<string> revisions) => revisions.Count == 0 ? null : string.Join(",", revisions);
}
