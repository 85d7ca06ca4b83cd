using DeepSight.Core.Dumps;
using DeepSight.Core.Migrations;
using DeepSight.Core.Migrations.Journal;
using DeepSight.Core.Postgres;
using Npgsql;

namespace DeepSight.Core.Backup;

/// <summary>Where the schema stands in its history, for the manifest.</summary>
internal static class SchemaPlace
{
    /// <summary>No place where nobody migrates the database. A history that can't be read is a doubt, and no reason to go without a backup.</summary>
    public static async Task<(SchemaPosition? Place, string? Doubt)> FindAsync(
        NpgsqlConnection connection, MigrationSettings settings, DatabaseUrl database, CancellationToken cancellationToken)
    {
        try
        {
            return (await ReadAsync(connection, settings, database, cancellationToken), null);
        }
        catch (Exception e) when (e is DeepSightException or PostgresException)
        {
            var why = e is PostgresException error ? error.MessageText : e.Message;
            return (null, $"The manifest does not say which migrations are applied: {why.TrimEnd('.')}.");
        }
    }

    private static async Task<SchemaPosition?> ReadAsync(
        NpgsqlConnection connection, MigrationSettings settings, DatabaseUrl database, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(settings.Directory))
            return await AlembicVersions.ReadAsync(connection, cancellationToken) is { Count: > 0 } alembic ? new SchemaPosition(string.Join(",", alembic), null) : null;

        var files = await MigrationSources.LoadAsync(settings, database, cancellationToken);
        var state = await MigrationStateReader.ReadAsync(connection, settings, files, cancellationToken);
        return state.HasJournal || state.IsAlembics ? new SchemaPosition(state.CurrentRevision, state.HeadRevision) : null;
    }
}
