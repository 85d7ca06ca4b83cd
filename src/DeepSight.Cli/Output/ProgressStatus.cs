namespace DeepSight.Cli.Output;

/// <summary>What a running job shows of itself; on a narrow terminal what matters least goes first.</summary>
/// <param name="What">What is being done.</param>
internal sealed record ProgressStatus(string What)
{
    private const int WideBar = 25;
    private const int NarrowBar = 10;
    private const int ShortTable = 20;

    /// <summary>From 0 to 1, where the end is known.</summary>
    public double? Done { get; init; }

    public string? Table { get; init; }

    public string? Rate { get; init; }

    /// <summary>How much there is by now.</summary>
    public string? Amount { get; init; }

    public TimeSpan? TimeLeft { get; init; }

    private string? Percent => Done is { } done ? $"{done * 100:0}%" : null;

    private string? Eta => TimeLeft is { } time ? "ETA " + Human.Clock(time) : null;

    /// <summary>All of it, without the bar: a line of a log.</summary>
    public override string ToString() => Line(What, Percent, Readable(Table), Rate, Amount, Eta);

    /// <summary>In so many columns. When it ends is given up last.</summary>
    public string In(int width)
    {
        var table = Readable(Table);
        var brief = table is { Length: > ShortTable } ? "…" + table[^(ShortTable - 1)..] : table;
        string[] lines =
        [
            Line(What, Bar(WideBar), Percent, table, Rate, Amount, Eta),
            Line(What, Bar(NarrowBar), Percent, table, Rate, Amount, Eta),
            Line(What, Bar(NarrowBar), Percent, brief, Rate, Amount, Eta),
            Line(What, Bar(NarrowBar), Percent, brief, Rate, Eta),
            Line(What, Percent, brief, Rate, Eta),
            Line(What, Percent, Rate, Eta),
            Line(What, Percent, Eta),
            Line(What, Percent),
        ];
        var fitting = Array.Find(lines, line => line.Length <= width) ?? lines[^1];
        return fitting.Length <= width ? fitting : fitting[..width];
    }

    private static string Line(params string?[] parts) => string.Join("   ", parts.Where(part => part is not null));

    private string? Bar(int width) => Done is { } done ? new string('█', (int)(done * width)).PadRight(width, '░') : null;

    /// <summary>A table's name may hold anything, line ends and the terminal's own commands too.</summary>
    private static string? Readable(string? name) => name is null ? null : string.Concat(name.Select(c => char.IsControl(c) ? '?' : c));
}
