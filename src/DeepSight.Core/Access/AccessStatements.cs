using System.Text;
using System.Text.RegularExpressions;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Access;

/// <summary>Picks out of a schema dump the statements that say who owns what and who may do what.</summary>
internal sealed partial class AccessStatements : ISqlSink
{
    private readonly List<string> found = [];
    private readonly SortedSet<string> owners = new(StringComparer.Ordinal);

    /// <summary>In the order of the dump, each with its semicolon.</summary>
    public IReadOnlyList<string> Found => found;

    /// <summary>Roles that own something, as SQL identifiers without their quotes.</summary>
    public IReadOnlySet<string> Owners => owners;

    public void OnStatement(in SqlStatement statement)
    {
        var text = Encoding.UTF8.GetString(statement.Head);
        if (OwnerChange().Match(text) is { Success: true } owner) owners.Add(Unquote(owner.Groups["role"].Value));
        else if (!Grant().IsMatch(text)) return;

        found.Add(text);
    }

    private static string Unquote(string identifier) =>
        identifier.StartsWith('"') ? identifier[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : identifier;

    /// <summary>The role at the very end tells an owner change from an ALTER whose default value merely reads like one.</summary>
    [GeneratedRegex("""\AALTER\s.*\sOWNER TO (?<role>"(?:[^"]|"")+"|[a-z_][a-z0-9_$]*);\z""", RegexOptions.Singleline)]
    private static partial Regex OwnerChange();

    /// <summary>What a grantor other than the owner has granted stands between SET and RESET SESSION AUTHORIZATION.</summary>
    [GeneratedRegex(@"\A(GRANT|REVOKE|ALTER DEFAULT PRIVILEGES|SET SESSION AUTHORIZATION|RESET SESSION AUTHORIZATION)\b")]
    private static partial Regex Grant();
}
