using Spectre.Console;

namespace DeepSight.Cli.Output;

/// <summary>Tables without lines: columns two spaces apart, indented by two. On a narrow terminal the last column wraps, and no other.</summary>
internal static class PlainTable
{
    /// <summary>What the last column wants beyond its longest word before it wraps.</summary>
    public const int RoomForTheLast = 16;

    public static Table With(params string[] headings)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = headings.Any(heading => heading.Length > 0) };
        foreach (var (i, heading) in headings.Index())
            table.AddColumn(new TableColumn(heading) { NoWrap = i < headings.Length - 1, Padding = new Padding(2, 0, 1, 0) });
        return table;
    }
}
