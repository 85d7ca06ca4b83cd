namespace DeepSight.Core.Settings;

/// <summary>Levenshtein's distance: how many insertions, deletions and substitutions turn one name into the other.</summary>
public static class EditDistance
{
    /// <summary>What was meant, where something is near enough to what was typed; else null.</summary>
    public static string? Nearest(string typed, IEnumerable<string> known) =>
        known.MinBy(name => Between(typed, name)) is { } nearest && Between(typed, nearest) <= typed.Length / 3 ? nearest : null;

    /// <summary>The distance itself.</summary>
    public static int Between(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
