using DeepSight.Core.Backup;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Migrations;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Restore;
using DeepSight.Core.Runs;
using DeepSight.Core.Storage.Local;
using DeepSight.Tests.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeepSight.Tests.Restore;

/// <summary>The jobs around one local store.</summary>
internal sealed class RestoreWorld : IDisposable
{
    private readonly PostgresClients clients = new(new DatabaseSettings());
    private readonly RunJournal runs = new(TimeProvider.System, NullLogger<RunJournal>.Instance);

    public LocalBackupStore Store { get; } = new(Directory.CreateTempSubdirectory("deepsight-store-").FullName, TimeProvider.System);

    public RestoreSettings Settings { get; init; } = new();

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public BackupCatalog Catalog => new(Store, "deepsight");

    public async Task<BackupManifest> BackUpAsync(DatabaseUrl database) =>
        (await Backups.RunAsync(new BackupRequest(database, BackupKind.Manual, [Store], "command"), null, TestContext.Current.CancellationToken)).Manifest;

    /// <summary>The newest backup of the store over the target, without a backup first.</summary>
    public RestoreRequest Over(DatabaseUrl target, RestoreOptions? options = null) => new(options ?? new RestoreOptions { Force = true })
    {
        Target = target,
        Source = LatestAsync,
        Stores = [Store],
        Trigger = "command",
    };

    public RestoreRequest Over(DatabaseUrl target, DumpSource source, RestoreOptions? options = null) => Over(target, options) with { Source = _ => Task.FromResult(source) };

    public Task<RestoreResult> RestoreAsync(RestoreRequest request, CancellationToken? cancel = null, IProgress<RestoreProgress>? progress = null,
        Func<RestorePlan, CancellationToken, Task>? approve = null) =>
        new RestoreJob(Settings, clients, Backups, runs, Clock).RunAsync(request, approve, progress, cancel ?? TestContext.Current.CancellationToken);

    public Task<UndoResult> UndoAsync(DatabaseUrl target, bool dropReplication = false) =>
        new UndoJob(Settings, runs, Clock).RunAsync(new UndoRequest(target, false, false, [Store], "command") { DropReplication = dropReplication }, null, TestContext.Current.CancellationToken);

    public void Dispose()
    {
        clients.Dispose();
        Directory.Delete(Store.Location, recursive: true);
    }

    /// <summary>Without what is told of databases that other tests, at the same time on the same server, have left for a moment.</summary>
    public static IEnumerable<string> OwnNotes(RestoreResult result, DatabaseUrl target) =>
        result.Notes.Where(note => !note.Contains("left behind by a restore", StringComparison.Ordinal) || note.Contains(target.Database, StringComparison.Ordinal));

    /// <summary>Names of the server's databases that restores of this one left.</summary>
    public static async Task<List<string>> LeftoversAsync(DatabaseUrl target)
    {
        await using var connection = await target.WithDatabase("postgres").OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand("select datname::text from pg_database where datname like @like", connection);
        command.Parameters.AddWithValue("like", target.Database[..Math.Min(40, target.Database.Length)].Replace("_", @"\_") + "%\\_\\_restore\\_%");
        await using var row = await command.ExecuteReaderAsync();
        var names = new List<string>();
        while (await row.ReadAsync()) names.Add(row.GetString(0));
        return names;
    }

    internal BackupJob Backups => new(new BackupSettings(), new MigrationSettings(), clients, runs, TimeProvider.System);

    private async Task<DumpSource> LatestAsync(CancellationToken cancellationToken) =>
        await StoredSource.FindAsync(Catalog, (await Catalog.FindLatestAsync(cancellationToken))!, cancellationToken);
}
