using System.Text.RegularExpressions;
using DeepSight.Core.Settings;

namespace DeepSight.Core.Migrations.Graph;

/// <summary>
/// The comments at the top of a migration that say what it is: <c>-- revision:</c>, <c>-- down_revision: a, b</c>,
/// <c>-- message:</c>, <c>-- branch_label:</c>, <c>-- depends_on:</c>, <c>-- irreversible: why</c>,
/// <c>-- transaction: off</c>, <c>-- hazards: deletes-data …</c>. They end at the first line that is neither a comment nor blank.
/// </summary>
internal sealed partial record RevisionHeader
{
    public string? Revision { get; private set; }

    /// <summary>Null without the header (the revision then follows the previous file); empty for a root.</summary>
    public IReadOnlyList<string>? DownRevisions { get; private set; }

    public IReadOnlyList<string> DependsOn { get; private set; } = [];

    public IReadOnlyList<string> Labels { get; private set; } = [];

    public string? Message { get; private set; }

    public string? Irreversible { get; private set; }

    public bool InTransaction { get; private set; } = true;

    /// <summary>What it does beside changing the schema: <c>deletes-data column public.users.email</c>.</summary>
    public IReadOnlyList<string> Hazards { get; private set; } = [];

    /// <summary>It has <c>Revision ID:</c> or <c>Revises:</c>, as in the docstring of Alembic's files.</summary>
    public bool IsAlembics { get; private set; }

    private static readonly string[] Names =
        ["revision", "down_revision", "message", "branch_label", "depends_on", "irreversible", "transaction", "hazards"];

    /// <param name="text">The file's text.</param>
    /// <param name="file">For messages.</param>
    /// <exception cref="DeepSightException">A header is misspelled, given twice or has a value it can't have.</exception>
    public static RevisionHeader Parse(string text, string file) => Parse(text, file, null);

    /// <summary>What would be a header at the top and stands behind it, or in a block comment; not the message.</summary>
    public static IReadOnlyList<(int Line, string Name)> Late(string text, string file)
    {
        var late = new List<(int, string)>();
        Parse(text, file, late);
        return late;
    }

    private static RevisionHeader Parse(string text, string file, List<(int, string)>? late)
    {
        var header = new RevisionHeader();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var (number, depth, atTop) = (0, 0, true);
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            number++;
            var within = depth > 0;
            var trimmed = atTop ? BehindBlocks(line, ref depth) : line.Trim();
            atTop &= trimmed.IsEmpty || trimmed.StartsWith("--");
            if (!atTop && late is null) break;

            var isHeader = atTop && trimmed.StartsWith("--");
            if (!isHeader && !within && !trimmed.StartsWith("--")) continue;

            var match = Line().Match((isHeader ? trimmed : line.Trim()).ToString());
            if (!match.Success) continue;

            if (!isHeader)
            {
                if (match.Groups["sign"].Value == ":" && Names.Contains(Written(match)) && Written(match) != "message")
                    late?.Add((number, match.Groups["name"].Value));
                continue;
            }

            if (Written(match) is "revision_id" or "revises") header.IsAlembics = true;
            var name = NameOf(match, file);
            if (name is null) continue;
            if (match.Groups["sign"].Value == "=" && name == "message") continue;
            if (match.Groups["sign"].Value == "=") throw Wrong(file, $"has a header '{name}' with =", $"write `-- {name}: …`.");
            if (!seen.Add(name)) throw Wrong(file, $"has the header '{name}' twice", "keep one of them.");

            header.Set(name, match.Groups["value"].Value.Trim(), file);
        }

        return header;
    }

    /// <summary>What stands behind block comments that begin or end in this line: a licence, say.</summary>
    private static ReadOnlySpan<char> BehindBlocks(ReadOnlySpan<char> line, ref int depth)
    {
        var rest = line.Trim();
        while (!rest.IsEmpty && (depth > 0 || rest.StartsWith("/*")))
        {
            var opens = rest.StartsWith("/*");
            var closes = !opens && rest.StartsWith("*/");
            depth += opens ? 1 : closes ? -1 : 0;
            rest = rest[(opens || closes ? 2 : 1)..].TrimStart();
        }

        return rest;
    }

    private static string Written(Match header) => header.Groups["name"].Value.ToLowerInvariant().Replace('-', '_').Replace(' ', '_');

    private void Set(string name, string value, string file)
    {
        switch (name)
        {
            case "revision":
                Revision = value;
                break;
            case "down_revision":
                // Alembic prints a root's parent as <base> and writes it as None.
                DownRevisions = value is "None" or "<base>" or "base" ? [] : List(value);
                break;
            case "message":
                Message = value;
                break;
            case "branch_label":
                Labels = List(value);
                break;
            case "depends_on":
                DependsOn = List(value);
                break;
            case "hazards":
                Hazards = List(value);
                break;
            case "irreversible":
                Irreversible = value.Length > 0 ? value : throw Wrong(file, "is irreversible without saying why", "write `-- irreversible: why`.");
                break;
            default:
                InTransaction = value.ToLowerInvariant() switch
                {
                    "on" => true,
                    "off" => false,
                    _ => throw Wrong(file, $"has `-- transaction: {value}`", "write `-- transaction: off` for statements that refuse a transaction; leave it out otherwise."),
                };
                break;
        }
    }

    /// <summary>A comment such as <c>-- note: …</c> is only a comment; one that is nearly a header is a mistake that would change the graph.</summary>
    private static string? NameOf(Match header, string file)
    {
        var written = header.Groups["name"].Value;
        var name = written.ToLowerInvariant() switch { "branch_labels" => "branch_label", "down_revisions" => "down_revision", var other => other };
        if (Names.Contains(name)) return name;

        // "depends on: …" may well be a sentence.
        var nearest = Names.MinBy(candidate => EditDistance.Between(Written(header), candidate))!;
        var isSame = nearest == Written(header) && name != "depends on";
        return isSame || (EditDistance.Between(name, nearest) <= 2 && name.Length > 4 && !name.Contains(' '))
            ? throw Wrong(file, $"has a header '{written}', which means nothing", $"did you mean '{nearest}'?")
            : null;
    }

    private static string[] List(string value) =>
        value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static DeepSightException Wrong(string file, string what, string hint) =>
        new(FailureKind.InvalidInput, $"'{file}' {what}.", hint);

    [GeneratedRegex(@"\A(?:--)?\s*(?<name>[A-Za-z_][A-Za-z_ -]*?)\s*(?<sign>[:=])(?<value>.*)\z")]
    private static partial Regex Line();
}
