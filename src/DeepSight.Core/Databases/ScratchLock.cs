using Npgsql;

namespace DeepSight.Core.Databases;

/// <summary>A session lock in the maintenance database that says: whoever loads this database is alive.</summary>
internal static class ScratchLock
{
    /// <summary>Keeps it as long as the connection lives. False while another session holds it.</summary>
    public static async Task<bool> TryAsync(NpgsqlConnection maintenance, string database, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select pg_try_advisory_lock(hashtextextended(@name, 0))", maintenance);
        command.Parameters.AddWithValue("name", "deepsight scratch " + database);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
