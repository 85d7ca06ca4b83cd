namespace DeepSight.Core.Migrations.Running;

/// <summary>A <c>CREATE</c> or <c>DROP INDEX CONCURRENTLY</c>: what it is about, so that its traces can be found after it was cut off.</summary>
/// <param name="Index">Without its schema; null when the server is to choose it.</param>
/// <param name="Table">Of a CREATE; null of a DROP.</param>
internal sealed record ConcurrentStatement(bool Creates, string? Index, string? Table)
{
    public static ConcurrentStatement? TryParse(string statement)
    {
        var words = new StatementWords(statement);
        if (words.Starts("drop", "index", "concurrently"))
            return new ConcurrentStatement(false, words.Name(words.Skip(3, "if", "exists")).Name, null);

        var at = words.Skip(1, "unique");
        if (!words.Starts("create") || !words.Has(at, "index", "concurrently")) return null;

        at = words.Skip(at + 2, "if", "not", "exists");
        var (index, next) = words.Has(at, "on") ? (null, at) : words.Name(at);
        var table = words.Name(words.Skip(next + 1, "only")).Name;
        return new ConcurrentStatement(true, index, table);
    }
}
