namespace DeepSight.Core.Migrations.Running;

/// <summary>A script that ran, or with a dry run would.</summary>
/// <param name="Script">The file, as <c>up/0002_add_users.sql</c>.</param>
/// <param name="Revision">Null for scripts that are no revisions.</param>
public sealed record ScriptRun(string Script, string? Revision, TimeSpan Elapsed);
