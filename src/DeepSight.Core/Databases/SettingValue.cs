using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Databases;

/// <summary>A setting as <c>pg_db_role_setting</c> keeps it, as ALTER … SET takes it.</summary>
internal static class SettingValue
{
    /// <summary>Lists of names, kept with quotes inside: each name is quoted on its own (src/bin/pg_dump/dumputils.c).</summary>
    private static readonly HashSet<string> Lists = new(StringComparer.OrdinalIgnoreCase)
    {
        "local_preload_libraries", "search_path", "session_preload_libraries", "shared_preload_libraries", "temp_tablespaces", "unix_socket_directories",
    };

    /// <param name="entry"><c>name=value</c></param>
    public static string ToClause(string entry)
    {
        var at = entry.IndexOf('=', StringComparison.Ordinal);
        var (name, value) = (entry[..at], entry[(at + 1)..]);
        var text = Lists.Contains(name) && value.Length > 0 ? string.Join(", ", Split(value).Select(Sql.Text)) : Sql.Text(value);
        return $"SET {string.Join('.', name.Split('.').Select(Sql.Name))} TO {text}";
    }

    /// <summary><c>"$user", public</c>: names in double quotes, or bare up to the comma.</summary>
    private static List<string> Split(string list)
    {
        var names = new List<string>();
        var at = 0;
        while (at < list.Length)
        {
            while (at < list.Length && (char.IsWhiteSpace(list[at]) || list[at] == ',')) at++;
            if (at == list.Length) break;

            var name = new System.Text.StringBuilder();
            if (list[at] == '"')
            {
                for (at++; at < list.Length && (list[at] != '"' || (at + 1 < list.Length && list[at + 1] == '"')); at++)
                {
                    name.Append(list[at]);
                    if (list[at] == '"') at++;
                }
                at++;
            }
            else
            {
                while (at < list.Length && list[at] != ',') name.Append(list[at++]);
            }

            names.Add(name.ToString().TrimEnd());
        }

        return names;
    }
}
