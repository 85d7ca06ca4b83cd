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

    /// <summary>What <c>revision_log</c> knows it by.</summary>
    public string LogName => Revision?.Id ?? Script.Path;
}
