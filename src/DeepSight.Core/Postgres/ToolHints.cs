namespace DeepSight.Core.Postgres;

/// <summary>What to do about failures that pg_dump and psql report in words that don't say it.</summary>
internal static class ToolHints
{
    private static readonly (string Said, string Hint)[] Known =
    [
        ("server version mismatch", "the client is older than the server: `deepsight doctor` lists the clients that are there."),
        ("permission denied for", "the role must be able to read everything: GRANT pg_read_all_data TO it, or dump as the owner."),
        ("query would be affected by row-level security", "the role must own the tables or have BYPASSRLS: a dump that row security thins out is no backup."),
        // pg_dump waits for its table locks under a statement timeout.
        ("query was: LOCK TABLE", "a table was being altered all that time; try again, or raise BACKUP_LOCK_TIMEOUT_SECONDS."),
        ("unsupported startup parameter", "this is a connection pooler; set DATABASE_DIRECT_URL to the server itself."),
        ("could not receive data from server", "the connection broke; was the server restarted, or the session terminated?"),
        ("server closed the connection unexpectedly", "was the server restarted, or the session terminated?"),
        ("connection to server", "is the server still running? `deepsight doctor` checks the way to it."),
    ];

    public static string For(string said) =>
        Known.FirstOrDefault(known => said.Contains(known.Said, StringComparison.OrdinalIgnoreCase)).Hint ?? "the server's log may say more.";
}
