using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Locking;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Databases;

/// <summary>
/// A new, empty database of ours, gone when it is disposed unless it was <see cref="Publish">published</see>. While we live we hold
/// a lock of its name, so that whoever finds one that nobody holds knows it was left behind by a process that died:
/// <see cref="AbandonedDatabases"/>.
/// </summary>
internal sealed class ScratchDatabase : IAsyncDisposable
{
    private readonly NpgsqlConnection maintenance;
    private bool published;

    private ScratchDatabase(NpgsqlConnection maintenance, DatabaseUrl url)
    {
        this.maintenance = maintenance;
        Url = url;
    }

    public DatabaseUrl Url { get; }

    public string Name => Url.Database;

    /// <summary>Ours to the maintenance database, open as long as this lives.</summary>
    public NpgsqlConnection Maintenance => maintenance;

    /// <param name="server">Any database of the server; not connected to.</param>
    /// <param name="madeFor">The database whose backup goes into it; the name begins with it.</param>
    /// <param name="model">The database whose shape it gets; null, or one that isn't there, makes one of the server's defaults.</param>
    /// <exception cref="DeepSightException">The maintenance database can't be reached, or the role may not create databases.</exception>
    public static async Task<ScratchDatabase> CreateAsync(DatabaseUrl server, string madeFor, string? model, TimeProvider clock, CancellationToken cancellationToken)
    {
        var url = server.WithDatabase(DatabaseNames.Scratch(madeFor, DatabaseNames.NewId()));
        var maintenance = await RestoreConnection.OpenAsync(server.WithDatabase(JobLock.MaintenanceDatabase), cancellationToken);
        try
        {
            await ScratchLock.TryAsync(maintenance, url.Database, cancellationToken);
            var shape = (model is null ? null : await DatabaseShape.OfAsync(maintenance, model, cancellationToken)) ?? DatabaseShape.Default;
            await maintenance.ExecuteAsync($"CREATE DATABASE {Sql.Name(url.Database)} TEMPLATE template0 {shape.Clause}", cancellationToken);
            var scratch = new ScratchDatabase(maintenance, url);
            var marker = new DatabaseMarker { Deepsight = DatabaseMarker.Scratch, Database = madeFor, At = clock.GetUtcNow() };
            await maintenance.ExecuteAsync($"COMMENT ON DATABASE {Sql.Name(url.Database)} IS {Sql.Text(marker.ToComment())}", cancellationToken);
            return scratch;
        }
        catch (PostgresException e)
        {
            await maintenance.DisposeAsync();
            throw new DeepSightException(FailureKind.Failed, $"The database '{url.Database}' can't be created on {server.Server}: {e.MessageText}.",
                e.SqlState == PostgresErrorCodes.InsufficientPrivilege ? "the role needs CREATEDB: ALTER ROLE … CREATEDB; --mode in-place restores without." : e.Hint, e);
        }
        catch
        {
            await maintenance.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Gives it what belongs to another database (settings, grants), and takes it back: shows early whether we may.
    /// They come for good when it is published; a <c>default_transaction_read_only</c> would stop the load.
    /// </summary>
    /// <exception cref="DeepSightException">The role may not set them.</exception>
    public async Task TryOnAsync(string model, CancellationToken cancellationToken)
    {
        var attributes = await DatabaseAttributes.ReadAsync(maintenance, model, cancellationToken);
        try
        {
            await using var transaction = await maintenance.BeginTransactionAsync(cancellationToken);
            foreach (var statement in attributes.For(Name)) await maintenance.ExecuteAsync(statement, cancellationToken);
            await transaction.RollbackAsync(cancellationToken);
        }
        catch (PostgresException e)
        {
            throw new DeepSightException(FailureKind.Refused,
                $"What is set on the database '{model}' can't be given to another one: {e.MessageText}.",
                "restore as a superuser, or with --mode in-place --clean, which keeps the database itself.", e);
        }
    }

    /// <summary>It has another name now and stays.</summary>
    public void Publish() => published = true;

    /// <summary>With sessions that are in it, and subscriptions that a dump has made.</summary>
    public static async Task DropAsync(NpgsqlConnection maintenance, DatabaseUrl database, CancellationToken cancellationToken)
    {
        var drop = $"DROP DATABASE IF EXISTS {Sql.Name(database.Database)} WITH (FORCE)";
        try
        {
            await maintenance.ExecuteAsync(drop, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse)
        {
            await Subscriptions.DropAsync(database, cancellationToken);
            await maintenance.ExecuteAsync(drop, cancellationToken);
        }
        await LoadRole.DropAsync(maintenance, database.Database, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!published) await DropAsync();
        }
        finally
        {
            await maintenance.DisposeAsync();
        }
    }

    /// <summary>The rest of a failed load may still be at work in it. If the server is gone, the next job drops it.</summary>
    private async Task DropAsync()
    {
        try
        {
            await DropAsync(maintenance, Url, CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or DeepSightException)
        {
            // Not hidden: what failed before tells more, and AbandonedDatabases finds what stays.
            System.Diagnostics.Trace.TraceWarning($"The database '{Name}' could not be dropped: {e.Message}");
        }
    }
}

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
