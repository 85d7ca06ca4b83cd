using System.Globalization;
using System.Text.RegularExpressions;
using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Migrations.Graph;

namespace DeepSight.Core.Migrations.Authoring;

/// <summary>
/// Names a new file so that it sorts after the revisions it follows: RoundhousE and grate know no other order. Where all files are
/// numbered the numbers go on; otherwise the time stands first.
/// </summary>
internal static partial class RevisionFileName
{
    private const int LongestSlug = 40;

    private const string StampFormat = "yyyyMMddHHmmss";

    /// <exception cref="DeepSightException">No such name sorts after them.</exception>
    public static string Next(RevisionGraph graph, IReadOnlyList<Revision> follows, string message, DateTimeOffset now)
    {
        var slug = Slug(message);
        var candidates = new[] { Number(graph), Stamp(now), StampAfter(follows) }.OfType<string>().Select(first => slug.Length == 0 ? $"{first}.sql" : $"{first}_{slug}.sql");
        return candidates.FirstOrDefault(name => follows.All(parent => FileOrder.Instance.Compare(parent.File, name) < 0) && graph.Revisions.All(other => other.File != name))
            ?? throw new DeepSightException(FailureKind.InvalidInput,
                $"No name of ours sorts after up/{follows.MaxBy(parent => parent.File, FileOrder.Instance)!.File}.",
                "create the two files by hand, with names that sort after it and the headers of `deepsight migrate show`.");
    }

    private static string? Number(RevisionGraph graph)
    {
        var numbers = graph.Revisions.Select(revision => Numbered().Match(revision.File)).ToList();
        if (numbers.Count == 0 || numbers.Any(match => !match.Success || match.Groups[1].Length != numbers[0].Groups[1].Length)) return null;

        var width = numbers[0].Groups[1].Length;
        var next = (numbers.Max(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)) + 1).ToString(CultureInfo.InvariantCulture).PadLeft(width, '0');
        return next.Length == width ? next : null;
    }

    private static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString(StampFormat, CultureInfo.InvariantCulture);

    /// <summary>Of two that are made within a second the later one's time is a second later; so is it where another machine's clock is ahead.</summary>
    private static string? StampAfter(IReadOnlyList<Revision> follows) =>
        follows.MaxBy(parent => parent.File, FileOrder.Instance) is { File: var last } && last.Length > StampFormat.Length
        && DateTimeOffset.TryParseExact(last[..StampFormat.Length], StampFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? Stamp(time.AddSeconds(1))
            : null;

    public static string Slug(string message)
    {
        var slug = NotSlug().Replace(message.ToLowerInvariant(), "_").Trim('_');
        return slug.Length <= LongestSlug ? slug : slug[..LongestSlug].TrimEnd('_');
    }

    [GeneratedRegex(@"\A([0-9]{1,8})[_.-]")]
    private static partial Regex Numbered();

    [GeneratedRegex(@"[^\p{L}\p{N}]+")]
    private static partial Regex NotSlug();
}
