namespace DeepSight.Core.Migrations.Journal;

/// <summary>The file of <c>adopt-alembic --map</c>: a line for each of Alembic's revisions with ours behind it; <c>#</c> begins a comment.</summary>
public static class AlembicMap
{
    /// <exception cref="DeepSightException">It can't be read; names the line.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path)) throw new DeepSightException(FailureKind.InvalidInput, $"There is no file '{path}'.",
                "write one in which each line is `alembic-revision our-revision`.");

        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in await File.ReadAllLinesAsync(path, cancellationToken))
        {
            number++;
            var words = line.Split('#')[0].Split([' ', '\t', '=', ':', ','], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0) continue;
            if (words.Length != 2 || !map.TryAdd(words[0], words[1]))
                throw new DeepSightException(FailureKind.InvalidInput, $"{path}, line {number}: '{line.Trim()}' is not understood, or its revision was mapped before.",
                    "write `alembic-revision our-revision` on each line.");
        }

        return map;
    }
}
