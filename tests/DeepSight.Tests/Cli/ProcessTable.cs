using System.Globalization;

namespace DeepSight.Tests.Cli;

/// <summary>What <c>ps</c> shows.</summary>
internal static class ProcessTable
{
    /// <summary>The process and all that it started: their ids and arguments.</summary>
    public static IReadOnlyList<(int Id, string Arguments)> Descendants(int root)
    {
        var parents = new Dictionary<int, int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), out var id) && Read(id, "stat") is { Length: > 0 } stat)
                parents[id] = int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);

        return [.. parents.Keys.Where(IsOfRoot).Select(id => (id, Read(id, "cmdline").Replace('\0', ' ')))];

        bool IsOfRoot(int id) => id == root || (parents.TryGetValue(id, out var parent) && parent > 1 && IsOfRoot(parent));
    }

    /// <summary>Empty for one that has ended meanwhile.</summary>
    private static string Read(int id, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/{file}");
        }
        catch (IOException)
        {
            return "";
        }
    }
}
