using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;

namespace DeepSight.Core.Backup;

/// <summary>What is about to be dumped, and with which pg_dump.</summary>
/// <param name="Database">As it is shown: <c>app on db.internal:5432</c>.</param>
public sealed record BackupStart(string Database, PostgresVersion ServerVersion, long DatabaseBytes, PostgresVersion ClientVersion, ClientOrigin ClientOrigin);
