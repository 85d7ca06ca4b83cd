using System.Text.RegularExpressions;

namespace DeepSight.Core.Migrations.Files;

/// <summary>
/// Replaces <c>{{name}}</c> in scripts, as RoundhousE and grate do: names in any case, unknown ones left as they are. The journal keeps and
/// hashes the text with tokens replaced.
/// </summary>
internal sealed partial class ScriptTokens
{
    private readonly Dictionary<string, string> values = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="settings">Tokens of the operator's win over ours.</param>
    /// <param name="server">The server's host.</param>
    public ScriptTokens(MigrationSettings settings, string server, string database, string journalSchema)
    {
        foreach (var folder in ScriptFolder.InOrder.Append(ScriptFolder.Down))
            values[folder.Name + "FolderName"] = folder.Name;
        values["DatabaseName"] = database;
        values["ServerName"] = server;
        values["DatabaseType"] = "postgresql";
        values["SchemaName"] = journalSchema;
        values["EnvironmentName"] = settings.Environments.Count > 0 ? settings.Environments[0] : "";
        values["EnvironmentNames"] = string.Join(',', settings.Environments);
        foreach (var pair in settings.Tokens.Select(token => token.Split('=', 2, StringSplitOptions.TrimEntries)))
            values[pair[0]] = pair[1];
    }

    public string Replace(string text) => text.Contains("{{", StringComparison.Ordinal)
        ? Token().Replace(text, match => values.GetValueOrDefault(match.Groups[1].Value, match.Value))
        : text;

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Token();
}
