using DeepSight.Core.Postgres;
using Npgsql;

namespace DeepSight.Tests.Servers;

/// <summary>Short ways to run SQL in a test.</summary>
internal static class DatabaseExtensions
{
    /// <summary>With the password, as DATABASE_URL has it.</summary>
    public static string Whole(this DatabaseUrl database) =>
        $"postgresql://{database.User}:{database.Password}@{database.Server}/{Uri.EscapeDataString(database.Database)}";

    /// <summary>Waits longer for an answer than a job would: the machine may be busy with the other tests.</summary>
    public static async Task<NpgsqlConnection> OpenAsync(this DatabaseUrl database) =>
        await PostgresServer.ConnectAsync(database with { ConnectTimeoutSeconds = 120 }, "deepsight tests", CancellationToken.None);

    public static async Task ExecuteAsync(this DatabaseUrl database, string sql)
    {
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync(sql);
    }

    /// <summary>The first column of the first row.</summary>
    public static async Task<T> AskAsync<T>(this DatabaseUrl database, string sql)
    {
        await using var connection = await database.OpenAsync();
        return await connection.AskAsync<T>(sql);
    }

    public static async Task ExecuteAsync(this NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    public static async Task<T> AskAsync<T>(this NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(CancellationToken.None))!;
    }
}
