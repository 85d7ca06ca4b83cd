using DeepSight.Core.Migrations;
using DeepSight.Core.Postgres;
using DeepSight.Core.Settings;
using Npgsql;

namespace DeepSight.Core.Health;

/// <summary>
/// Probes the database: often, by anyone, beside every job and with little. It keeps a few connections open, asks in two round trips,
/// needs no more than SELECT, and always answers in time.
/// </summary>
/// <param name="errors">Reported as the reason.</param>
/// <param name="settings">How long a probe may take.</param>
/// <param name="database">What is probed.</param>
/// <param name="found">Where the migrations lie; the command looks in more places than the app.</param>
/// <param name="clock">For latency and patience.</param>
public sealed class HealthCheck(SettingsErrors errors, HealthSettings settings, DatabaseSettings database, MigrationSettings found, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>However many probes there are, the database's connections are for others.</summary>
    private const int MaxConnections = 4;

    private readonly Lock gate = new();
    private readonly DeployedMigrations migrations = new(found, clock);
    private readonly Lazy<NpgsqlDataSource> connections = new(() => NpgsqlDataSource.Create(Connection(settings, database)));

    private Task<HealthReport>? underWay;

    private TimeSpan Patience => TimeSpan.FromSeconds(settings.TimeoutSeconds);

    /// <summary>Never throws because of the database or the settings: what is wrong is in the report. Who asks while a probe is under way gets its answer.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public Task<HealthReport> RunAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            // On the pool: this caller's cancellation, or its synchronous part, is no one else's matter.
            if (underWay is not { IsCompleted: false }) underWay = Task.Run(ReportAsync, CancellationToken.None);
            return underWay.WaitAsync(cancellationToken);
        }
    }

    private async Task<HealthReport> ReportAsync()
    {
        var over = new CancellationTokenSource();
        try
        {
            errors.ThrowIfAny();
            // Left behind when its time is up: to be cancelled, a connection asks the server first, which may be silent.
            return await Task.Run(() => ProbeAsync(over.Token)).WaitAsync(Patience, clock);
        }
        catch (DeepSightException e)
        {
            return HealthReport.Unhealthy(e.Message);
        }
        catch (TimeoutException)
        {
            return HealthReport.Unhealthy($"the database did not answer within {settings.TimeoutSeconds} s");
        }
        catch (Exception e)
        {
            return HealthReport.Unhealthy(HealthFailure.Describe(e));
        }
        finally
        {
            _ = over.CancelAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (connections.IsValueCreated) await connections.Value.DisposeAsync();
    }

    /// <summary>A kept connection may have died since; that is found out by using it, and is no news of the database.</summary>
    private async Task<HealthReport> ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(cancellationToken);
        }
        catch (NpgsqlException e) when (e.IsTransient && !cancellationToken.IsCancellationRequested)
        {
            connections.Value.Clear();
            return await AskAsync(cancellationToken);
        }
    }

    private async Task<HealthReport> AskAsync(CancellationToken cancellationToken)
    {
        var (files, problem) = await migrations.LoadAsync(database.ForHealth(), cancellationToken);
        await using var connection = await connections.Value.OpenConnectionAsync(cancellationToken);
        var questions = new HealthQuestions(connection, found.JournalSchema, clock);
        var health = await questions.AskAsync(files, cancellationToken);
        return problem is null ? health : health with { Migrations = MigrationHealth.Unknown(problem) };
    }

    private static string Connection(HealthSettings settings, DatabaseSettings database)
    {
        var builder = database.ForHealth().ToNpgsql("deepsight health", pooling: true);
        builder.MaxPoolSize = MaxConnections;
        builder.ConnectionIdleLifetime = 60;
        // A probe leaves nothing behind in its session, and through a pooler a reset would be one more round trip.
        builder.NoResetOnClose = true;
        // When time is up the connection is closed, not asked to stop and waited for.
        builder.CancellationTimeout = -1;
        builder.KeepAlive = 0;
        builder.Timeout = Math.Min(builder.Timeout, settings.TimeoutSeconds + 1);
        builder.CommandTimeout = settings.TimeoutSeconds + 1;
        return builder.ConnectionString;
    }
}
