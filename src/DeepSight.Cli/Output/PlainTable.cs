using Spectre.Console;
using Spectre.Console.Rendering;

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
            table.AddColumn(new TableColumn(heading) { NoWrap = i < headings.Length - 1, Padding = new Padding(0, 0, 2, 0) });
        return table;
    }

    /// <summary>Without a border Spectre leaves out what a column has before it.</summary>
    public static IRenderable Indented(IRenderable renderable) => renderable is Table ? new Padder(renderable, new Padding(2, 0, 0, 0)) : renderable;
}
