using Npgsql;

namespace DeepSight.Core.Postgres.Sql;

/// <summary>SQL that takes no parameters: names and texts in statements about databases and roles.</summary>
internal static class Sql
{
    public static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>The same whatever standard_conforming_strings says.</summary>
    public static string Text(string text)
    {
        var quoted = $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
        return quoted.Contains('\\') ? "E" + quoted.Replace(@"\", @"\\", StringComparison.Ordinal) : quoted;
    }

    public static async Task ExecuteAsync(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        // No time limit: what takes long is a large database.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task<List<string>> ListAsync(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params (string Name, object Value)[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var list = new List<string>();
        while (await row.ReadAsync(cancellationToken)) list.Add(row.GetString(0));
        return list;
    }
}
