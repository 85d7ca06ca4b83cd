namespace DeepSight.Core.Migrations.Journal;

/// <summary>A script without a transaction that began and was never seen to end: the process died, or the connection did.</summary>
/// <param name="LogId">Its row in <c>revision_log</c>.</param>
/// <param name="BackendPid">The server process that ran it; with <paramref name="BackendStart"/>, the one and no other of that number.</param>
internal sealed record Interruption(long LogId, string Revision, string ScriptName, string Action, int BackendPid, DateTime BackendStart);
