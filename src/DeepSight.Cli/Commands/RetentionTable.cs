using DeepSight.Cli.Output;
using DeepSight.Core.Retention;
using Spectre.Console;

namespace DeepSight.Cli.Commands;

/// <summary>Decisions of retention with their reasons, one a line.</summary>
internal static class RetentionTable
{
    public static Table Of(IEnumerable<RetentionDecision> decisions, DateTimeOffset now)
    {
        var table = PlainTable.With("NAME", "AGE", "SIZE", "", "WHY");
        foreach (var decision in decisions)
            table.AddRow(new Text(decision.Backup.Name.ToString()), new Text(Human.Age(now - decision.Backup.Name.Time)),
                new Text(Human.Size(decision.Backup.StoredBytes)),
                decision.Keep ? new Text("keep", new Style(Color.Green)) : new Text("delete", new Style(Color.Red)),
                new Text(string.Join(", ", decision.Reasons)));
        if (table.Rows.Count == 0) table.ShowHeaders = false;
        return table;
    }
}
