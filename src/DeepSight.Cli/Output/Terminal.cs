using System.Text.Json;
using DeepSight.Core;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace DeepSight.Cli.Output;

/// <summary>
/// Results go to standard output, progress, warnings and errors to standard error. Colour stands for state alone: green
/// proven, yellow unverified or old, red failed. In a pipe there are no control characters and no wrapping.
/// </summary>
internal sealed class Terminal
{
    /// <summary>Wide enough that nothing wraps in a pipe.</summary>
    private const int PipeWidth = 10_000;

    private static readonly JsonSerializerOptions Printed = Json.With(indented: true, CliJson.Default);

    private readonly IAnsiConsole output = Create(Console.Out, Console.IsOutputRedirected);
    private readonly IAnsiConsole error = Create(Console.Error, Console.IsErrorRedirected);

    public Terminal(bool asJson) => AsJson = asJson;

    /// <summary>One JSON object is the whole of standard output.</summary>
    public bool AsJson { get; }

    /// <summary>Standard error is a terminal that can redraw a line.</summary>
    public bool ShowsProgress => !AsJson && !Console.IsErrorRedirected && error.Profile.Capabilities.Ansi;

    public IAnsiConsole Progress => error;

    /// <summary>A line of result; not printed with <c>--json</c>.</summary>
    public void Line(string text = "")
    {
        if (!AsJson) output.WriteLine(Plain(text));
    }

    /// <summary>A line of result whose first mark says how it went.</summary>
    public void Success(string text)
    {
        if (!AsJson) output.MarkupLineInterpolated($"[green]✓[/] {Plain(text)}");
    }

    /// <summary>Something to look at; the result prints it below the fact it belongs to.</summary>
    public void Attention(string text)
    {
        if (!AsJson) output.MarkupLineInterpolated($"[yellow]![/] {Plain(text)}");
    }

    /// <summary>A table that has no room is left to the terminal to wrap: cut off or squeezed to a letter a line nobody could read it.</summary>
    public void Show(IRenderable renderable)
    {
        if (AsJson) return;

        renderable = PlainTable.Indented(renderable);
        var width = output.Profile.Width;
        var needed = renderable.Measure(RenderOptions.Create(output), PipeWidth);
        if (width < Math.Min(needed.Max, needed.Min + PlainTable.RoomForTheLast)) output.Profile.Width = PipeWidth;
        output.Write(new TrimmedLines(renderable));
        output.Profile.Width = width;
    }

    public void Object<T>(T value)
    {
        if (AsJson) Console.Out.WriteLine(ToJson(value));
    }

    /// <summary>As every <c>--json</c> is printed.</summary>
    public static string ToJson<T>(T value) => JsonSerializer.Serialize(value, Json.TypeOf<T>(Printed));

    /// <summary>A plain line on standard error: what is going on.</summary>
    public void Note(string text)
    {
        if (!AsJson) error.WriteLine(Plain(text));
    }

    /// <summary>A question on standard error; the cursor stays behind it.</summary>
    public void Ask(string text) => error.Write(new Text(Plain(text)));

    public void Warning(string text) => error.MarkupLineInterpolated($"[yellow]![/] {Plain(text)}");

    public void Error(string message, string? hint, int exitCode)
    {
        if (AsJson)
        {
            Object(new ErrorJson(message, hint, exitCode));
            return;
        }

        Problem(message, hint);
    }

    /// <summary>What went wrong beside a result; with <c>--json</c> the result's own object says it.</summary>
    public void Problem(string message, string? hint)
    {
        if (AsJson) return;
        error.MarkupLineInterpolated($"[red]✗[/] {Plain(message)}");
        if (hint is not null) error.WriteLine($"  Hint: {Plain(hint)}");
    }

    /// <summary>
    /// Names, errors and what a server says may come from others: what would move the cursor, colour the text or turn it around is
    /// shown as a question mark.
    /// </summary>
    internal static string Plain(string text) => text.Any(IsUnsafe) ? string.Concat(text.Select(c => IsUnsafe(c) ? '?' : c)) : text;

    private static bool IsUnsafe(char c) =>
        (char.IsControl(c) && c is not '\n' and not '\t') || c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    private static IAnsiConsole Create(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (redirected) console.Profile.Width = PipeWidth;
        return console;
    }
}

/// <summary>What any command prints that failed.</summary>
internal sealed record ErrorJson(string Error, string? Hint, int ExitCode);
