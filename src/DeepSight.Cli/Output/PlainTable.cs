using Spectre.Console;

namespace DeepSight.Cli.Output;

/// <summary>Tables without lines: columns two spaces apart, indented by two.</summary>
internal static class PlainTable
{
    public static Table With(params string[] headings)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = headings.Any(heading => heading.Length > 0) };
        foreach (var heading in headings)
            table.AddColumn(new TableColumn(heading) { NoWrap = true, Padding = new Padding(2, 0, 1, 0) });
        return table;
    }
}
