using Spectre.Console.Rendering;

namespace DeepSight.Cli.Output;

/// <summary>Without the blanks that fill every line of a table up to its width: on a terminal that wraps they would be lines of their own.</summary>
internal sealed class TrimmedLines(IRenderable content) : Renderable
{
    protected override Measurement Measure(RenderOptions options, int maxWidth) => content.Measure(options, maxWidth);

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        var blanks = new List<Segment>();
        foreach (var segment in content.Render(options, maxWidth))
        {
            if (segment is { IsLineBreak: false, IsWhiteSpace: true })
            {
                blanks.Add(segment);
                continue;
            }

            if (!segment.IsLineBreak)
                foreach (var blank in blanks) yield return blank;
            blanks.Clear();
            // Spectre's own control codes stand in segments of their own; in a text they are somebody else's.
            yield return segment is { IsControlCode: false, IsLineBreak: false } ? new Segment(Terminal.Plain(segment.Text), segment.Style) : segment;
        }
    }
}
