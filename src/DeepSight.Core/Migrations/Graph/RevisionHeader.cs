using System.Text.RegularExpressions;
using DeepSight.Core.Settings;

namespace DeepSight.Core.Migrations.Graph;

/// <summary>
/// The comments at the top of a migration that say what it is: <c>-- revision:</c>, <c>-- down_revision: a, b</c>,
/// <c>-- message:</c>, <c>-- branch_label:</c>, <c>-- depends_on:</c>, <c>-- irreversible: why</c>,
/// <c>-- transaction: off</c>, <c>-- hazards: deletes-data …</c>. They end at the first line that is neither a <c>--</c> comment nor blank.
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

    private static readonly string[] Names =
        ["revision", "down_revision", "message", "branch_label", "depends_on", "irreversible", "transaction", "hazards"];

    /// <param name="text">The file's text.</param>
    /// <param name="file">For messages.</param>
    /// <exception cref="DeepSightException">A header is misspelled, given twice or has a value it can't have.</exception>
    public static RevisionHeader Parse(string text, string file)
    {
        var header = new RevisionHeader();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var trimmed = line.Trim();
            if (trimmed.IsEmpty) continue;
            if (!trimmed.StartsWith("--")) break;

            var match = Line().Match(trimmed.ToString());
            if (!match.Success) continue;

            var name = NameOf(match.Groups["name"].Value, file);
            if (name is null) continue;
            if (!seen.Add(name)) throw Wrong(file, $"has the header '{name}' twice", "keep one of them.");

            header.Set(name, match.Groups["value"].Value.Trim(), file);
        }

        return header;
    }

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
    private static string? NameOf(string written, string file)
    {
        var name = written.ToLowerInvariant() switch { "branch_labels" => "branch_label", "down_revisions" => "down_revision", var other => other };
        if (Names.Contains(name)) return name;

        var nearest = Names.MinBy(candidate => EditDistance.Between(name, candidate))!;
        return EditDistance.Between(name, nearest) <= 2 && name.Length > 4
            ? throw Wrong(file, $"has a header '{written}', which means nothing", $"did you mean '{nearest}'?")
            : null;
    }

    private static string[] List(string value) =>
        value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static DeepSightException Wrong(string file, string what, string hint) =>
        new(FailureKind.InvalidInput, $"'{file}' {what}.", hint);

    [GeneratedRegex(@"\A--\s*(?<name>[A-Za-z_]+)\s*:(?<value>.*)\z")]
    private static partial Regex Line();
}
