namespace DeepSight.Tests.Migrations.Graph;

/// <summary>
/// Alembic's published rules ("Working with Branches", "Relative Migration Identifiers" and the patterns of
/// <c>alembic/script/revision.py</c>) restated over plain strings and without any of the code under test.
/// A refusal is null. Where Alembic dies of an assertion the model refuses; where it announces a refusal to come
/// (<c>downgrade -1</c> from several heads), the model refuses already.
/// </summary>
internal sealed class AlembicModel
{
    internal sealed record Node(string Id, string[] Down, string[] Needs, string[] Labels);

    private readonly Node[] nodes;

    public AlembicModel(IEnumerable<Node> nodes) => this.nodes = [.. nodes];

    public string[]? Upgrade(HashSet<string> applied, string target)
    {
        if (Split(target) is var (branch, start, steps))
        {
            string? end;
            if (steps > 0 && start is null)
            {
                if (Standing(applied, branch, throughTips: true) is not { } standing) return null;
                end = Up(standing, steps, branch);
            }
            else if (start is null || Names(steps > 0 || branch is null ? start : branch + "@" + start) is not { } named || named.Length > 1)
            {
                return null;
            }
            else
            {
                end = steps > 0 ? Up(named.FirstOrDefault("base"), steps, branch) : DownFrom(named.FirstOrDefault("base"), -steps);
            }

            return end is null or "base" ? null : Run([end]);
        }

        return Names(target) is { } ends && !ends.Any(end => ends.Any(other => other != end && Under(end).Contains(other))) ? Run(ends) : null;

        string[] Run(string[] ends) => [.. Sequence([.. ends.SelectMany(Under).Where(id => !applied.Contains(id))]).Reverse()];
    }

    public string[]? Downgrade(HashSet<string> applied, string target)
    {
        var tips = Tips(applied);
        string? branch, stays;
        if (Split(target) is var (within, start, steps))
        {
            branch = within;
            if (start is null && steps >= 0) return null;
            if (start is null)
            {
                if (branch is null && tips.Length != 1) return null;
                if (Standing(applied, branch, throughTips: false) is not { } standing || standing == "base") return null;
                start = standing;
                branch ??= standing;
                stays = DownFrom(start, -steps);
            }
            else
            {
                if (Names(steps < 0 && branch is not null ? branch + "@" + start : start) is not { Length: < 2 } named) return null;
                stays = steps >= 0 ? Up(named.FirstOrDefault("base"), steps, branch) : DownFrom(named.FirstOrDefault("base"), -steps);
            }

            if (stays is null) return null;
        }
        else
        {
            branch = target.Contains('@') ? target[..target.IndexOf('@')] : null;
            if (Names(target[(target.IndexOf('@') + 1)..]) is not { Length: < 2 } named) return null;
            stays = named.FirstOrDefault("base");
        }

        var first = stays == "base" ? [.. nodes.Where(node => node.Down.Length == 0).Select(node => node.Id)] : Followers(stays);
        if (branch is not null && first.Length > 1)
        {
            if (Branch(branch) is not { } of) return null;
            first = [.. first.Where(id => Behind(of).Contains(id))];
            if (first.Length == 0) return null;
        }

        var undone = applied.Where(id => Under(id).Intersect(first).Any()).ToHashSet();
        return undone.Count == 0 && stays != "base" && !tips.Contains(stays) ? null : Sequence(undone);
    }

    /// <returns>All that counts as applied afterwards.</returns>
    public HashSet<string>? Stamp(HashSet<string> applied, string target)
    {
        if (Split(target) is not null || Names(target) is not { } ends) return null;

        var branch = target.EndsWith("@base", StringComparison.Ordinal) ? Branch(target[..target.IndexOf('@')]) : null;
        var stay = Tips(applied).Where(tip => ends.Length == 0
            ? branch is not null && !Related(tip, branch)
            : !ends.Any(end => Related(tip, end)));
        return [.. stay.Concat(ends).SelectMany(Under)];

        bool Related(string one, string other) => Under(one).Contains(other) || Under(other).Contains(one);
    }

    public string[] Tips(HashSet<string> applied) =>
        [.. nodes.Select(node => node.Id).Where(id => applied.Contains(id) && !applied.Any(other => other != id && Under(other).Contains(id)))];

    public HashSet<string> Under(string id) => [id, .. Of(id).Down.Concat(Needs(id)).SelectMany(Under)];

    private HashSet<string> Behind(string id) => [id, .. Of(id).Down.SelectMany(Behind)];

    private string[] Needs(string id) => [.. Of(id).Needs.Select(name => nodes.FirstOrDefault(node => node.Id == name || node.Labels.Contains(name))!.Id)];

    private Node Of(string id) => nodes.Single(node => node.Id == id);

    private string[] Followers(string id) => [.. nodes.Where(node => node.Down.Contains(id)).Select(node => node.Id)];

    private bool OnBranch(string id, string of) => Behind(id).Contains(of) || Behind(of).Contains(id);

    private string? Branch(string name) => nodes.FirstOrDefault(node => node.Labels.Contains(name))?.Id ?? Name(name, null);

    /// <summary>A whole name, or the only name of more than three characters that begins so.</summary>
    private string? Name(string name, string? branch)
    {
        var whole = nodes.FirstOrDefault(node => node.Id == name || node.Labels.Contains(name));
        var found = whole is not null
            ? [whole.Id]
            : nodes.SelectMany(node => node.Labels.Append(node.Id).Select(known => (known, node.Id)))
                .Where(pair => pair.known.Length > 3 && pair.known.StartsWith(name, StringComparison.Ordinal))
                .Where(pair => branch is null || OnBranch(pair.Id, branch))
                .Select(pair => pair.Id).ToArray();
        return found.Length == 1 && (branch is null || OnBranch(found[0], branch)) ? found[0] : null;
    }

    private string[]? Names(string target)
    {
        string? branch = null;
        if (target.Contains('@'))
        {
            branch = Branch(target[..target.IndexOf('@')]);
            // `x@base` is simply the base: nobody looks whether x exists.
            if (branch is null && !target.EndsWith("@base", StringComparison.Ordinal)) return null;
            target = target[(target.IndexOf('@') + 1)..];
        }

        var heads = nodes.Where(node => Followers(node.Id).Length == 0 && (branch is null || OnBranch(node.Id, branch))).Select(node => node.Id).ToArray();
        return target switch
        {
            "base" => [],
            "head" => heads.Length > 1 ? null : heads,
            "heads" => branch is null ? [.. heads.Where(head => !nodes.Any(node => Needs(node.Id).Contains(head)))] : heads,
            _ => Name(target, branch) is { } id ? [id] : null,
        };
    }

    private (string? Branch, string? Start, int Steps)? Split(string target)
    {
        var sign = target.LastIndexOfAny(['+', '-']);
        if (sign < 0 || nodes.Any(node => node.Id == target)) return null;

        var at = target.IndexOf('@');
        var start = target[(at + 1)..sign];
        return (at < 0 ? null : target[..at], start.Length == 0 ? null : start, int.Parse(target[sign..], System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <returns>Where to count from; "base"; null when there is a choice or the branch is unknown.</returns>
    private string? Standing(HashSet<string> applied, string? branch, bool throughTips)
    {
        var tips = Tips(applied);
        if (branch is not null)
        {
            if (Branch(branch) is not { } of) return null;
            var onBranch = tips.Where(tip => OnBranch(tip, of)).ToArray();
            if (onBranch.Length == 0)
                onBranch = throughTips
                    ? WithoutChildrenIn([.. applied.Where(id => OnBranch(id, of))])
                    : [.. applied.Where(id => !applied.Any(other => other != id && Behind(other).Contains(id)) && OnBranch(id, of))];
            tips = onBranch;
        }

        return tips.Length switch { 0 => "base", 1 => tips[0], _ => null };
    }

    /// <summary>Children in the set itself: what is needed by way of a revision outside still counts.</summary>
    private string[] WithoutChildrenIn(string[] ids) => [.. ids.Where(id => !ids.Any(other => Of(other).Down.Contains(id) || Needs(other).Contains(id)))];

    private string? Up(string start, int steps, string? branch)
    {
        for (; steps > 0; steps--)
        {
            var next = start == "base" ? [.. nodes.Where(node => node.Down.Length == 0).Select(node => node.Id)] : Followers(start);
            if (branch is not null) next = Branch(branch) is { } of ? [.. next.Where(id => OnBranch(id, of))] : [];
            if (next.Length != 1) return null;
            start = next[0];
        }

        return start;
    }

    private string? DownFrom(string start, int steps)
    {
        for (; steps > 0; steps--)
        {
            if (start == "base" || Of(start).Down.Length > 1) return null;
            start = Of(start).Down.FirstOrDefault("base");
        }

        return start;
    }

    /// <summary>From the tips down, one line as far as it goes; what another open line still needs waits for that line.</summary>
    private string[] Sequence(HashSet<string> ids)
    {
        var open = Tips(ids).ToList();
        var left = new HashSet<string>(ids);
        var done = new List<string>();
        var at = 0;
        while (open.Count > 0)
        {
            var blocking = open.FindIndex(line => line != open[at] && Under(line).Contains(open[at]));
            if (blocking >= 0)
            {
                at = blocking;
                continue;
            }

            var id = open[at];
            if (left.Remove(id)) done.Add(id);
            var inherited = Behind(id).Where(other => other != id).SelectMany(Needs).ToHashSet();
            var below = Of(id).Down.Concat(Needs(id).Where(need => !inherited.Contains(need))).Distinct()
                .Where(next => left.Contains(next) && !open.Contains(next)).ToList();
            open.RemoveAt(at);
            if (below.Count > 0)
            {
                open.Insert(at, below[0]);
                open.AddRange(below[1..]);
            }
            else
            {
                at = Math.Max(at - 1, 0);
            }
        }

        return [.. done];
    }
}
