using System.Security.Cryptography;
using System.Text;
using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Migrations.Graph;

namespace DeepSight.Core.Migrations.Authoring;

/// <summary>Writes the files of a new revision, or of a merge, with their headers filled in.</summary>
public sealed class RevisionWriter(MigrationSettings settings, TimeProvider clock)
{
    /// <exception cref="DeepSightException">A head is unknown, ambiguous or no head, or the history would not hold together.</exception>
    public async Task<WrittenRevision> WriteAsync(NewRevision request, CancellationToken cancellationToken)
    {
        var files = Directory.Exists(settings.Directory)
            ? await MigrationSources.LoadAsync(settings, cancellationToken)
            : MigrationFiles.None(settings.Directory);
        var follows = Follows(files.Graph, request);
        var names = new RevisionNames(files.Graph);
        var revision = new Revision
        {
            Id = request.Id ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6)),
            File = RevisionFileName.Next(files.Graph, follows, request.Message, clock.GetUtcNow()),
            DownRevisions = [.. follows.Select(parent => parent.Id)],
            // A label stays a label: it may come to stand for more.
            DependsOn = [.. request.DependsOn.Select(target => files.Graph.ByLabel.ContainsKey(target) ? target : names.ResolveOne(target)?.Id ?? target)],
            Labels = request.BranchLabels,
            Message = request.Message.ReplaceLineEndings(" ").Trim(),
            Hazards = request.Hazards,
        };

        // Before anything is written: does the history still hold together with it?
        RevisionGraph.Build([.. files.Graph.Revisions, revision]);
        var up = Path.Combine(files.Directory, ScriptFolder.Up.Name, revision.File);
        var down = Path.Combine(files.Directory, ScriptFolder.Down.Name, revision.File);
        await CreateAsync(up, Header(revision, request.Unproven) + "\n" + request.Up, cancellationToken);
        await CreateAsync(down, $"-- undoes {revision}\n\n{request.Down}", cancellationToken);
        return new WrittenRevision(revision.Id, revision.DownRevisions, up, down);
    }

    private static List<Revision> Follows(RevisionGraph graph, NewRevision request)
    {
        var names = new RevisionNames(graph);
        var follows = request.Heads.SelectMany(names.Resolve).ToList();
        if (follows.Distinct().Count() < follows.Count)
            throw new DeepSightException(FailureKind.InvalidInput, "The same revision is named twice as a head.", "name each once.");
        if (!request.Splice && follows.FirstOrDefault(parent => graph.Followers(parent).Any()) is { } inner)
            throw new DeepSightException(FailureKind.InvalidInput, $"Revision {inner.Id} is not a head: {string.Join(", ", graph.Followers(inner).Select(next => next.Id))} follows it.",
                "--splice makes a branch there.");
        return follows;
    }

    /// <param name="unproven">As <see cref="NewRevision.Unproven"/>.</param>
    internal static string Header(Revision revision, string? unproven = null)
    {
        var text = new StringBuilder($"-- revision: {revision.Id}\n-- down_revision: {string.Join(", ", revision.DownRevisions)}".TrimEnd() + "\n");
        text.Append($"-- message: {revision.Message}\n");
        if (revision.Labels.Count > 0) text.Append($"-- branch_label: {string.Join(", ", revision.Labels)}\n");
        if (revision.DependsOn.Count > 0) text.Append($"-- depends_on: {string.Join(", ", revision.DependsOn)}\n");
        if (revision.Irreversible is { } reason) text.Append($"-- irreversible: {reason}\n");
        if (revision.Hazards.Count > 0) text.Append($"-- hazards: {string.Join(", ", revision.Hazards)}\n");
        if (unproven is not null) text.Append($"-- unproven: {unproven.ReplaceLineEndings("\n--   ")}\n");
        return text.ToString();
    }

    internal static async Task CreateAsync(string path, string text, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await using var file = new FileStream(path, FileMode.CreateNew);
            await file.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeepSightException(FailureKind.Failed, $"Can't write '{path}': {e.Message}", null, e);
        }
    }
}

/// <summary>What <c>migrate new</c> is asked for.</summary>
public sealed record NewRevision(string Message)
{
    /// <summary>What it follows: targets as for up; several make a merge.</summary>
    public IReadOnlyList<string> Heads { get; init; } = ["head"];

    /// <summary>Follow a revision that others follow already, making a branch.</summary>
    public bool Splice { get; init; }

    public IReadOnlyList<string> BranchLabels { get; init; } = [];

    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>Null makes one up.</summary>
    public string? Id { get; init; }

    /// <summary>The statements of both files, if they are known.</summary>
    public string Up { get; init; } = "";

    /// <inheritdoc cref="Up"/>
    public string Down { get; init; } = "";

    /// <summary>Comments of the header that say what the way up does beside changing the schema.</summary>
    public IReadOnlyList<string> Hazards { get; init; } = [];

    /// <summary>A comment of the header: why nobody knows whether both ways are right. Null where they are.</summary>
    public string? Unproven { get; init; }
}

/// <summary>The two files of a new revision.</summary>
/// <param name="Up">Full path.</param>
/// <param name="Down">Full path.</param>
public sealed record WrittenRevision(string Id, IReadOnlyList<string> DownRevisions, string Up, string Down);

/// <summary>What <c>new --autogenerate --json</c> prints.</summary>
/// <param name="Revisions">Each follows the one before.</param>
public sealed record WrittenChain(IReadOnlyList<WrittenRevision> Revisions);
