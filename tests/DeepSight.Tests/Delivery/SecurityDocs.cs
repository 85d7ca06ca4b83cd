using System.Text.RegularExpressions;
using DeepSight.Core.Postgres;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Delivery;

/// <summary>docs/security.md, whose blocks are run word for word but for the names of roles and databases.</summary>
internal static partial class SecurityDocs
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Clone.Root, "docs", "security.md"));

    /// <summary>The block whose first line is a comment that begins so.</summary>
    public static string Sql(string title) =>
        Blocks().Matches(Text).Select(match => match.Groups[2].Value).Single(block => block.StartsWith($"-- {title}", StringComparison.Ordinal));

    public static string Policy => Blocks().Matches(Text).Single(match => match.Groups[1].Value == "json").Groups[2].Value;

    /// <summary>Runs a block as the database's administrator and returns the same with this database's and its roles' names.</summary>
    public static async Task RunAsync(DatabaseUrl database, string title, string suffix) =>
        await database.ExecuteAsync(Named(Sql(title), database.Database, suffix));

    /// <summary>The database as a role of the docs reaches it.</summary>
    public static DatabaseUrl As(DatabaseUrl database, string role, string suffix) =>
        DatabaseUrl.Parse($"postgresql://{role}_{suffix}:change-me@{database.Server}/{database.Database}", "the docs");

    private static string Named(string sql, string database, string suffix) => Roles().Replace(DatabaseName().Replace(sql, database), $"$0_{suffix}");

    [GeneratedRegex(@"^```(sql|json)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex(@"(?<=DATABASE )app\b")]
    private static partial Regex DatabaseName();

    [GeneratedRegex(@"\b(deepsight_backup|deepsight_restore|deepsight_drill|app_owner)\b")]
    private static partial Regex Roles();
}
