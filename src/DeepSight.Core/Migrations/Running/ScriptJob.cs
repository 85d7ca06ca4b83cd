using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Migrations.Graph;

namespace DeepSight.Core.Migrations.Running;

/// <summary>One script to run, and whose row in the journal it changes.</summary>
/// <param name="Script">What is run: a file of <c>up/</c>, of <c>down/</c> or of another folder.</param>
/// <param name="Revision">Null for scripts that are no revisions.</param>
/// <param name="Undoes">For a down: the script whose rows go.</param>
internal sealed record ScriptJob(MigrationScript Script, Revision? Revision, MigrationScript? Undoes = null)
{
    public MigrationScript Journaled => Undoes ?? Script;

    /// <summary>What the revision's header says that it deletes, a line each; none for a down.</summary>
    public IEnumerable<string> Losses => Undoes is null && Revision is { } revision ? revision.Losses.Select(loss => $"{Script.Display}: {loss}") : [];

    /// <summary>What <c>revision_log</c> knows it by.</summary>
    public string LogName => Revision?.Id ?? Script.Path;
}
