using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Migrations.Journal;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Locking;
using DeepSight.Core.Runs;
using Npgsql;

namespace DeepSight.Core.Migrations.Running;

/// <summary>A database under the job lock, with its journal, while it is being migrated.</summary>
internal sealed class MigrationSession : IAsyncDisposable
{
    private readonly JobLock? ownLock;
    private readonly MigrationSettings settings;
    private NpgsqlConnection? maintenance;
    private MigrationJournal? journal;
    private bool checksConnection;

    private MigrationSession(DatabaseUrl database, NpgsqlConnection connection, JobLock held, JobLock? ownLock,
        JournalTables tables, MigrationState state, MigrationSettings settings, TimeProvider clock)
    {
        Database = database;
        Connection = connection;
        Lock = held;
        this.ownLock = ownLock;
        Tables = tables;
        State = state;
        this.settings = settings;
        Clock = clock;
    }

    public DatabaseUrl Database { get; }

    public NpgsqlConnection Connection { get; }

    /// <summary>False where the database or the role says <c>standard_conforming_strings = off</c>: '…' then reads as E'…'.</summary>
    public bool StandardStrings => Connection.PostgresParameters["standard_conforming_strings"] == "on";

    /// <summary>As this session reads its text.</summary>
    public IReadOnlyList<MigrationStatement> StatementsOf(MigrationScript script) => script.StatementsFor(StandardStrings);

    public JobLock Lock { get; }

    public JournalTables Tables { get; private set; }

    public MigrationState State { get; private set; }

    /// <summary>There is nothing in it yet but, perhaps, what every new database has.</summary>
    public bool IsNew { get; private init; }

    public TimeProvider Clock { get; }

    public List<string> Notes { get; } = [];

    /// <summary>Scripts that an earlier run was cut off in, by their paths.</summary>
    public List<string> Unfinished { get; } = [];

    /// <summary>Only after <see cref="OpenJournalAsync"/>.</summary>
    public MigrationJournal Journal => journal ?? throw new InvalidOperationException("The journal is not open.");

    /// <param name="under">The lock of the job that this one is part of; null takes one.</param>
    public static async Task<MigrationSession> OpenAsync(DatabaseUrl database, MigrationFiles files, MigrationSettings settings,
        JobLock? under, IProgress<MigrationStep>? progress, TimeProvider clock, CancellationToken cancellationToken)
    {
        under?.RequireCovers(database);
        var ownLock = under is null
            ? await JobLock.AcquireAsync(database, JobNames.Migrate, TimeSpan.FromMinutes(settings.WaitMinutes), clock, cancellationToken,
                holder => progress?.Report(new MigrationStep(StepKind.Waiting, "the database", holder)))
            : null;
        NpgsqlConnection? connection = null;
        try
        {
            connection = await PostgresServer.ConnectAsync(database, "deepsight migrate", cancellationToken, forScripts: true);
            await PostgresServer.RefusePoolerAsync(connection, database, cancellationToken);
            var tables = await JournalTables.FindAsync(connection, settings.JournalSchema, cancellationToken);
            var state = await MigrationStateReader.ReadAsync(connection, tables, files, cancellationToken);

            var server = await PostgresServer.DescribeAsync(connection, cancellationToken);
            return new MigrationSession(database, connection, (under ?? ownLock)!, ownLock, tables, state, settings, clock)
            {
                IsNew = server.TableCount == 0,
                checksConnection = await CanCheckConnectionAsync(connection, cancellationToken),
            };
        }
        catch (Exception e)
        {
            if (connection is not null) await connection.DisposeAsync();
            if (ownLock is not null) await ownLock.DisposeAsync();
            if (JournalAccess.Explain(e, database, "read") is { } explained) throw explained;
            throw;
        }
    }

    /// <summary>Creates what is missing of the journal and mends its sequences. From here on the database is ours to change.</summary>
    public async Task OpenJournalAsync(CancellationToken cancellationToken)
    {
        if (journal is not null) return;

        try
        {
            Tables = await JournalSchema.EnsureAsync(Connection, Tables, cancellationToken);
            await JournalAccess.RequireWriteAsync(Connection, Tables, cancellationToken);
        }
        catch (PostgresException e) when (JournalAccess.Explain(e, Database, "keep") is { } explained)
        {
            throw explained;
        }

        // Where nobody has journaled before us we write as grate does, which lives; RoundhousE's rows keep RoundhousE's way.
        var usesPaths = !State.HasJournal || State.Journal.HasPaths || Tables.Found["scriptsrun"].Name != "scriptsrun" || Tables.Schema == "grate";
        journal = new MigrationJournal(Connection, Tables, usesPaths, Clock);
    }

    /// <summary>Reads anew what the journal says.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken) =>
        State = await MigrationStateReader.ReadAsync(Connection, Tables, State.Files, cancellationToken);

    /// <summary>Scripts of <c>alterDatabase</c> run in the maintenance database, the others in the target.</summary>
    public NpgsqlConnection ConnectionFor(MigrationScript script) =>
        script.Folder == ScriptFolder.AlterDatabase ? maintenance ?? throw new InvalidOperationException("Not connected to the maintenance database.") : Connection;

    public async Task ConnectToMaintenanceAsync(CancellationToken cancellationToken) =>
        maintenance ??= await PostgresServer.ConnectAsync(Database.WithDatabase(JobLock.MaintenanceDatabase), "deepsight migrate", cancellationToken, forScripts: true);

    /// <summary>
    /// Every script begins with the settings that the role and the database have and an empty session, whatever the one before it left;
    /// and gives up waiting for a lock, and ends when we are gone.
    /// </summary>
    /// <param name="local">For the transaction that is open.</param>
    /// <param name="patient">Waits for locks without end: nobody queues behind it.</param>
    public IEnumerable<NpgsqlBatchCommand> FreshSettings(bool local, bool patient = false)
    {
        var set = local ? "set local" : "set";
        // DISCARD ALL, which no transaction may hold, in its parts.
        foreach (var command in ResetSettings()) yield return command;
        foreach (var discard in (string[])
            ["close all", "deallocate all", "unlisten *", "select pg_advisory_unlock_all()", "discard temp", "discard sequences"])
            yield return new NpgsqlBatchCommand(discard);
        yield return new NpgsqlBatchCommand($"{set} lock_timeout = '{(patient ? 0 : settings.LockTimeoutSeconds)}s'");
        yield return new NpgsqlBatchCommand($"{set} statement_timeout = 0");
        if (checksConnection) yield return new NpgsqlBatchCommand($"{set} client_connection_check_interval = '1s'");
    }

    /// <summary>Before the next transaction begins: it takes over what SET SESSION CHARACTERISTICS said.</summary>
    public static IEnumerable<NpgsqlBatchCommand> ResetSettings() =>
        [new NpgsqlBatchCommand("reset session authorization"), new NpgsqlBatchCommand("reset all")];

    /// <summary>As <see cref="ResetSettings"/>, at once.</summary>
    public static async Task ResetAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var command in ResetSettings()) batch.BatchCommands.Add(command);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The rows of a script that ran outside a transaction, and the end of its note, in one transaction.</summary>
    public async Task FinishNotedAsync(ScriptJob job, long note, DateTimeOffset startedAt, CancellationToken cancellationToken)
    {
        await Lock.EnsureStillHeldAsync(cancellationToken);
        await ResetAsync(Connection, cancellationToken);
        await using var transaction = await Connection.BeginTransactionAsync(cancellationToken);
        foreach (var row in Journal.Rows(job, startedAt, logged: false)) await Journal.ExecuteAsync(row, cancellationToken);
        await Journal.ExecuteAsync(Journal.StartEnded(note), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        if (maintenance is not null) await maintenance.DisposeAsync();
        if (ownLock is not null) await ownLock.DisposeAsync();
    }

    /// <summary>
    /// With client_connection_check_interval the server notices in mid-statement that we are gone. Not every platform of a server can.
    /// </summary>
    private static async Task<bool> CanCheckConnectionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = new NpgsqlCommand("select set_config('client_connection_check_interval', '1s', false)", connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidParameterValue or PostgresErrorCodes.UndefinedObject)
        {
            return false;
        }
    }
}
