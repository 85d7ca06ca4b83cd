namespace DeepSight.Core.Dumps;

/// <summary>Tells by a file's first bytes what it is.</summary>
internal static class DumpFormats
{
    /// <summary>Bytes that are looked at; tar has its magic at 257.</summary>
    public const int StartLength = 512;

    /// <exception cref="DeepSightException">It is nothing that psql could read (<see cref="FailureKind.Corrupt"/>).</exception>
    public static DumpFormat Detect(DumpSource source, ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty) throw Corrupt(source, "it is empty");
        if (start.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b])) return DumpFormat.Gzip;
        if (start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd])) return DumpFormat.Zstd;

        if (start.StartsWith("PGDMP"u8) || (start.Length > 262 && start[257..].StartsWith("ustar"u8)))
            throw new DeepSightException(FailureKind.Corrupt, $"'{source.Name}' is an archive of pg_dump -Fc or -Ft (or another tar), no plain SQL.",
                "pg_restore reads those; to restore it here, turn it into SQL first: pg_restore -f dump.sql ARCHIVE.");
        if (start.StartsWith("PK"u8)) throw Corrupt(source, "it is a zip archive");
        if (start.Contains((byte)0) || start.ContainsAnyInRange((byte)0x0e, (byte)0x1f)) throw Corrupt(source, "it is neither gzip nor zstd nor SQL");
        return DumpFormat.Sql;
    }

    /// <summary>Of SQL, its beginning.</summary>
    /// <exception cref="DeepSightException">It is pg_dumpall's: of a whole server, and no database of its own.</exception>
    public static void RequireOneDatabase(DumpSource source, ReadOnlySpan<byte> sql)
    {
        if (sql[..Math.Min(StartLength, sql.Length)].IndexOf("\n-- PostgreSQL database cluster dump\n"u8) >= 0)
            throw new DeepSightException(FailureKind.Corrupt, $"'{source.Name}' is pg_dumpall's: a whole server, not one database.",
                "psql -f FILE postgres restores all of it on an empty server; pg_dump there makes a dump of one database that can be restored here.");
    }

    public static DeepSightException Corrupt(DumpSource source, string reason, Exception? inner = null) => new(FailureKind.Corrupt,
        $"'{source.Name}' can't be restored: {reason}.",
        source.Manifest is null
            ? "restore another backup; `deepsight list` shows them."
            : "restore an earlier backup, or a copy of this one from another store; `deepsight list` shows them.", inner);
}

/// <summary>How a dump for psql is stored.</summary>
internal enum DumpFormat
{
    Sql,
    Gzip,
    Zstd,
}
