using DeepSight.Cli.Output;
using DeepSight.Core.Restore;

namespace DeepSight.Cli.Commands;

/// <summary>What a restore is about to do, as the operator sees it before anything is touched.</summary>
internal static class RestorePlanView
{
    public static void Print(Terminal terminal, RestorePlan plan, RestoreOptions options, DateTimeOffset now, int keepDays)
    {
        terminal.Note($"  from   {From(plan, now)}");
        terminal.Note($"  into   {Into(plan)}");
        if (plan.Server is { } server)
            terminal.Note($"         PostgreSQL {server.Version}, {Human.Size(server.DatabaseBytes)}, {server.TableCount} tables, {plan.Connections} connections"
                + (plan.Source.TakenAt is { } taken ? $"; what was written after {taken:yyyy-MM-dd HH:mm} UTC will be lost" : ""));
        terminal.Note($"  how    {How(plan, options, keepDays)}");
        if (plan.BacksUpFirst) terminal.Note("  first  a backup of what is there now, under pre-restore/");
        else if (plan.Mode != RestoreMode.Into) terminal.Note("  first  no backup of what is there now, as asked");
        terminal.Note($"  space  up to {Human.Size(plan.SpaceNeeded)} needed on the server beside what is there");
        foreach (var warning in plan.Warnings) terminal.Warning(warning);
    }

    private static string From(RestorePlan plan, DateTimeOffset now)
    {
        var source = plan.Source;
        var parts = new List<string> { source.Name };
        if (source.TakenAt is { } taken) parts.Add($"of {taken:yyyy-MM-dd HH:mm} UTC ({Human.Age(now - taken)})");
        parts.Add(Human.Size(source.StoredBytes));
        if (source.Manifest is { Rows: { } rows } manifest) parts.Add($"{manifest.Tables.Count} tables, {Human.Count(rows)} rows");
        parts.Add(source.ProvenAt is { } proven ? $"restored in a drill {Human.Age(now - proven)} ago"
            : source.Manifest is null ? "unverified" : "no drill passed");
        return string.Join(", ", parts) + $" ({source.Location})";
    }

    private static string Into(RestorePlan plan) => plan.Target.Display
        + (plan.Mode == RestoreMode.Into ? $": a new database '{plan.ResultName}' beside it" : "")
        + (plan.Production is { } pattern ? $" — PRODUCTION (matches {pattern}), confirmed" : "");

    private static string How(RestorePlan plan, RestoreOptions options, int keepDays) => plan.Mode switch
    {
        RestoreMode.Swap => $"swap: a new database, verified, renamed into place; '{plan.PreviousName}' kept {keepDays} days (undo: deepsight restore --undo)",
        RestoreMode.InPlace => options.Clean
            ? "in place: what is there is dropped and the backup loaded, in one transaction"
            : "in place: the backup is loaded beside what is there, in one transaction",
        _ => $"into a new database '{plan.ResultName}'; nothing else is touched",
    };
}
