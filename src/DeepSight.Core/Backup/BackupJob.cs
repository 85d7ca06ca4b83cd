using System.Security.Cryptography;
using DeepSight.Core.Access;
using DeepSight.Core.Age;
using DeepSight.Core.Backup.Dumping;
using DeepSight.Core.Catalog;
using DeepSight.Core.Databases;
using DeepSight.Core.Dumps;
using DeepSight.Core.Dumps.Sealing;
using DeepSight.Core.Migrations;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Postgres.Locking;
using DeepSight.Core.Postgres.Sql;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;
using Npgsql;

namespace DeepSight.Core.Backup;

/// <summary>Takes a backup: streamed from pg_dump into the stores, proven on the way, visible only when it is whole.</summary>
public sealed class BackupJob(BackupSettings settings, MigrationSettings migrations, PostgresClients clients, RunJournal runs, TimeProvider clock)
{
    /// <summary>How long a backup waits for another job on the same database to end.</summary>
    private static readonly TimeSpan LockWait = TimeSpan.FromSeconds(2);

    /// <summary>Lines of pg_dump's; more of them come as one.</summary>
    private const int MostSaid = 10;

    /// <summary>Takes the backup between the two writes of its run record.</summary>
    /// <param name="progress">Is told after every block, or null.</param>
    /// <exception cref="DeepSightException">No store holds the backup, and nothing of it was left behind.</exception>
    public Task<BackupResult> RunAsync(BackupRequest request, IProgress<BackupProgress>? progress, CancellationToken cancellationToken) =>
        runs.RecordAsync(request.Stores, runs.Start(JobNames.Backup, request.Trigger, request.Database.DatabaseId, request.Order),
            run => ExplainedAsync(request, new RecordedProgress<BackupProgress>(progress, run, now => (settings.SealsManifest ? now with { Table = null } : now).ForRecord), cancellationToken), Describe, cancellationToken);

    /// <summary>Of our own sessions: what pg_dump's failures say is in words already.</summary>
    private async Task<BackupResult> ExplainedAsync(BackupRequest request, IProgress<BackupProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            return await BackUpAsync(request, progress, cancellationToken);
        }
        catch (NpgsqlException e)
        {
            var why = (e as PostgresException)?.MessageText ?? e.Message.Split('\n')[0];
            throw new DeepSightException(FailureKind.Failed, $"'{request.Database.Display}' could not be asked about its tables, roles and migrations: {why.TrimEnd('.')}.",
                "was the server restarted, or the session terminated? Run the backup again.", e);
        }
    }

    private async Task<BackupResult> BackUpAsync(BackupRequest request, IProgress<BackupProgress>? progress, CancellationToken cancellationToken)
    {
        RequireSealing(request);
        await using var connection = await PostgresServer.ConnectAsync(request.Database, "deepsight backup", cancellationToken);
        await PostgresServer.RefusePoolerAsync(connection, request.Database, cancellationToken);
        var server = await PostgresServer.DescribeAsync(connection, cancellationToken);
        var client = await clients.ForDumpAsync(server.Version, cancellationToken);
        request.Starting?.Invoke(new BackupStart(request.Database.Display, server.Version, server.DatabaseBytes, client.Version, client.Origin, SessionsOf(request, server)));
        request.Under?.RequireCovers(request.Database);
        await using var ownLock = request.Under is null ? await JobLock.AcquireAsync(request.Database, JobNames.Backup, LockWait, clock, cancellationToken) : null;
        var jobLock = request.Under ?? ownLock!;
        var abandoned = await AbandonedDatabases.DropAsync(connection, request.Database, cancellationToken);

        await using var upload = new BackupUpload(request.Stores, request.Database.DatabaseId, clock);
        var previous = await upload.FindPreviousAsync(settings.Name, cancellationToken);
        RefuseAnotherDatabase(previous, request.Database);
        abandoned = [.. abandoned, .. await upload.RemoveAbandonedAsync(settings.Name, cancellationToken)];

        var startedAt = clock.GetUtcNow();
        var doubts = await BackupDoubts.FindAsync(connection, server, startedAt, cancellationToken);
        var (place, doubt) = await SchemaPlace.FindAsync(connection, migrations, request.Database, cancellationToken);
        var locale = await DatabaseShape.LocaleAsync(connection, cancellationToken);
        // The dump may take hours, and a session that is idle for so long may be ended: what is asked after it has one of its own.
        await connection.CloseAsync();
        await upload.BeginAsync(NameAt(startedAt, request.Kind), cancellationToken);
        await using var capture = new AccessCapture(token => CaptureAccessAsync(request.Database, client, token), cancellationToken);
        var (summary, said) = await DumpAsync(request, server, client, upload, previous.Max(manifest => (long?)manifest.SqlBytes), capture.Begin, progress, cancellationToken);
        await jobLock.EnsureStillHeldAsync(cancellationToken);
        var sha256 = await upload.CompleteAsync(cancellationToken);

        var access = await capture.CompleteAsync();
        var accessFile = await SealedAsync(access.Content, cancellationToken);
        await upload.AddAsync(upload.Name.Access, accessFile, cancellationToken);

        // Written last: a backup exists only once its manifest does.
        var manifest = new BackupManifest
        {
            Name = upload.Name.ToString(),
            DatabaseId = request.Database.DatabaseId,
            Kind = request.Kind,
            Database = request.Database.Database,
            ServerVersion = server.Version.ToString(),
            PgDumpVersion = client.Version.ToString(),
            ToolVersion = ToolVersion.Current,
            StartedAt = startedAt,
            FinishedAt = clock.GetUtcNow(),
            StoredBytes = upload.StoredBytes,
            SqlBytes = summary.SqlBytes,
            Sha256 = sha256,
            AccessSha256 = Convert.ToHexStringLower(SHA256.HashData(accessFile)),
            Recipients = IsSealed ? [.. settings.Recipients.Select(recipient => recipient.Fingerprint)] : null,
            Migrations = place,
            Locale = locale,
            NeededRoles = summary.Roles,
            Roles = [.. summary.Roles.Union(access.Roles).Order(StringComparer.Ordinal)],
            Extensions = summary.Extensions,
            SuperuserNeeds = summary.SuperuserNeeds,
            Tables = summary.Tables,
            Statements = summary.Statements,
            Values = summary.Values,
        };
        await upload.PublishAsync(settings.SealsManifest ? await SealedManifest.CloseAsync(manifest, settings.Recipients, cancellationToken) : manifest, settings.Signing, cancellationToken);
        return new BackupResult(manifest, upload.Locations, upload.Failures)
        {
            Shortfalls = upload.Shortfalls,
            Warnings = [.. upload.Doubts, .. doubts, .. doubt is null ? Array.Empty<string>() : [doubt], .. settings.RecipientsWarning is { } risk ? new[] { risk + "." } : [], .. OfPsql(summary), .. said, .. abandoned],
        };
    }

    private static IEnumerable<string> OfPsql(DumpSummary summary)
    {
        if (summary.EndlessForPsql is { Count: > 0 } names)
            yield return $"psql alone can't load the backup: it does not see the end of {string.Join(", ", names)}, in whose SQL a name such as begin stands unquoted. This tool restores it; so that psql does, rename it.";
    }

    /// <summary>Dumps into the upload. A dump that does not end with exit code 0 and its trailer is a failed dump.</summary>
    /// <returns>What is in it, and what pg_dump had to say of a dump that it takes for good.</returns>
    private async Task<(DumpSummary Summary, IReadOnlyList<string> Said)> DumpAsync(BackupRequest request, ServerInfo server, PostgresClient client, BackupUpload upload,
        long? expectedSqlBytes, Action begun, IProgress<BackupProgress>? progress, CancellationToken cancellationToken)
    {
        var options = new DumpOptions { LockWait = TimeSpan.FromSeconds(settings.LockTimeoutSeconds), SharesOwnSchema = server.SharesOwnSchema };
        await using var dump = await DatabaseDump.StartAsync(request.Database, client, options, SessionsOf(request, server), settings.LargeTableBytes,
            isOfClientsMajor: client.Version.Major == server.Version.Major, clock, cancellationToken);
        begun();
        var inspector = new DumpInspector();
        using var sealing = IsSealed ? new AgeWriter(settings.Recipients, upload.WriteAsync) : null;
        await CompressionPipeline.RunAsync(ReadableByPsql(dump.Output, server, client), settings.Compression,
            block => inspector.Append(block.Span), WriteAsync, cancellationToken);
        await dump.WaitForSuccessAsync();
        if (sealing is not null) await sealing.CompleteAsync(cancellationToken);

        var summary = inspector.Complete();
        return summary.IsComplete ? (summary, [.. dump.Warning is { } warning ? new[] { warning } : [], .. dump.ErrorTail.Split('\n', MostSaid, StringSplitOptions.RemoveEmptyEntries)]) : throw new DeepSightException(FailureKind.Failed,
            $"pg_dump {client.Version} ended with exit code 0, but its dump is not complete: " +
            (summary.EndsInside is { } place ? $"it ends inside {place}." : "the trailer is missing."),
            "run the backup again; if it happens again, look at the server's log.");

        async Task WriteAsync(ReadOnlyMemory<byte> content, CancellationToken token)
        {
            await (sealing?.WriteAsync(content, token) ?? upload.WriteAsync(content, token));
            progress?.Report(new BackupProgress(inspector.SqlBytes, upload.StoredBytes, expectedSqlBytes, inspector.CurrentTable));
        }
    }

    /// <summary>A newer pg_dump sets what an older server does not know; left out, `gunzip | psql` restores without this tool.</summary>
    private static Stream ReadableByPsql(Stream dump, ServerInfo server, PostgresClient client) =>
        client.Version.Major > server.Version.Major && SqlFilterRules.SettingsUnknownTo(server.Version.Major) is { Count: > 0 } unknown
            ? new SqlFilterStream(dump, new SqlFilterRules { UnknownSettings = unknown })
            : dump;

    private async Task<AccessFile> CaptureAccessAsync(DatabaseUrl database, PostgresClient client, CancellationToken cancellationToken)
    {
        await using var connection = await RestoreConnection.OpenPatientlyAsync(database, "deepsight backup", clock, cancellationToken);
        return await AccessFile.CaptureAsync(connection, database, client, cancellationToken);
    }

    /// <summary>Ranges of a table can't be read by their place before PostgreSQL 14.</summary>
    private int SessionsOf(BackupRequest request, ServerInfo server) => server.Version.Major < 14 ? 1 : request.Sessions ?? settings.SessionsFor(server.DatabaseBytes);

    private bool IsSealed => settings.Recipients.Count > 0;

    private async Task<byte[]> SealedAsync(byte[] content, CancellationToken cancellationToken) =>
        IsSealed ? await AgeWriter.SealAsync(content, settings.Recipients, cancellationToken) : content;

    /// <summary>A passphrase is somebody's memory: what is made without that person could be lost with it.</summary>
    private void RequireSealing(BackupRequest request)
    {
        new SettingsErrors(settings.SealingErrors).ThrowIfAny();
        if (settings.AgePassphrase is not null && request.Trigger != Triggers.Command)
            throw new DeepSightException(FailureKind.Refused, "BACKUP_AGE_PASSPHRASE is set, and a passphrase seals only what a command makes.",
                "for backups by timer or queue set BACKUP_AGE_RECIPIENTS in its place: `deepsight key new` makes a key.");
    }

    /// <summary>Two databases under one stem would share <c>latest</c> and retention.</summary>
    private void RefuseAnotherDatabase(IReadOnlyList<BackupManifest> previous, DatabaseUrl database)
    {
        if (previous.FirstOrDefault(manifest => manifest.DatabaseId != database.DatabaseId) is { } other)
            throw new DeepSightException(FailureKind.Refused,
                $"The backups named '{settings.Name}', such as '{other.Name}', are of another database ('{other.Database}', by another address).",
                "give this database its own BACKUP_NAME or prefix, so that 'latest' and retention can't mix the two; if it is the same database at a new address, move the old backups aside.");
    }

    private BackupName NameAt(DateTimeOffset time, BackupKind kind) =>
        new(settings.Name, new DateTimeOffset(time.Ticks - time.Ticks % TimeSpan.TicksPerSecond, TimeSpan.Zero), settings.Compression, kind == BackupKind.PreRestore) { IsSealed = IsSealed };

    /// <summary>A backup that a store lacks which was asked for is no success, though others have it.</summary>
    private RunRecord Describe(RunRecord record, BackupResult result)
    {
        record = record with
        {
            Backup = result.Manifest.Name,
            StoredBytes = result.Manifest.StoredBytes,
            SqlBytes = result.Manifest.SqlBytes,
            Rows = settings.SealsManifest ? null : result.Manifest.Rows,
            Warnings = result.Warnings,
        };
        return result.Failure is not { } failure ? record : record with
        {
            Status = RunStatus.Failed,
            Error = failure.Message,
            Hint = failure.Hint,
            ExitCode = (int)failure.Kind,
        };
    }
}
