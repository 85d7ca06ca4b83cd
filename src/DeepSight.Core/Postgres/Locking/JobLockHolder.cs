using System.Globalization;
using System.Text;
using Npgsql;

namespace DeepSight.Core.Postgres.Locking;

/// <summary>Who holds a lock, as the holder named itself to the server.</summary>
internal static class JobLockHolder
{
    /// <summary><c>deepsight backup (web-1:4242)</c>: the server's own record of where we are may be a proxy's address, or hidden from others.</summary>
    public static string NameFor(string job)
    {
        var name = $"deepsight {job} ({Environment.MachineName}:{Environment.ProcessId})";
        // The server cuts at 63 bytes.
        return Encoding.UTF8.GetByteCount(name) <= 63 ? name : $"deepsight {job}";
    }

    /// <summary><c>deepsight backup (web-1:4242), since 2026-02-12 03:00:00 UTC, from 10.0.0.5</c>; of another role's only the name is visible.</summary>
    public static async Task<string> DescribeAsync(NpgsqlConnection connection, JobLockKey key, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select a.application_name, a.xact_start, host(a.client_addr), a.usename::text
              from pg_locks l join pg_stat_activity a using (pid)
             where l.locktype = 'advisory' and l.database = (select oid from pg_database where datname = current_database())
               and l.classid = @high and l.objid = @low and l.objsubid = 1 and l.granted
            """, connection);
        key.AddTo(command.Parameters);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken)) return "it has just ended";

        var text = new StringBuilder(row.IsDBNull(0) || row.GetString(0).Length == 0 ? "a session that gives no name" : row.GetString(0));
        if (!row.IsDBNull(1)) text.Append(CultureInfo.InvariantCulture, $", since {row.GetDateTime(1):yyyy-MM-dd HH:mm:ss} UTC");
        if (!row.IsDBNull(2)) text.Append(CultureInfo.InvariantCulture, $", from {row.GetString(2)}");
        if (!row.IsDBNull(3)) text.Append(CultureInfo.InvariantCulture, $", as {row.GetString(3)}");
        return text.ToString();
    }
}
