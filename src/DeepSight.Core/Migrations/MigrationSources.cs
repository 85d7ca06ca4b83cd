using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Migrations.Journal;
using DeepSight.Core.Postgres;

namespace DeepSight.Core.Migrations;

/// <summary>Reads the migrations folder for a database, or for none.</summary>
public static class MigrationSources
{
    /// <summary>Tokens get the database's values.</summary>
    /// <exception cref="DeepSightException">Something in the folder is wrong; names the files.</exception>
    public static Task<MigrationFiles> LoadAsync(MigrationSettings settings, DatabaseUrl database, CancellationToken cancellationToken) =>
        MigrationFiles.LoadAsync(settings, new ScriptTokens(settings, database.Host, database.Database, Schema(settings)), cancellationToken);

    /// <summary>For what needs the graph alone: tokens of the database stay as they are.</summary>
    /// <exception cref="DeepSightException">Something in the folder is wrong; names the files.</exception>
    public static Task<MigrationFiles> LoadAsync(MigrationSettings settings, CancellationToken cancellationToken) =>
        MigrationFiles.LoadAsync(settings, new ScriptTokens(settings, "{{ServerName}}", "{{DatabaseName}}", Schema(settings)), cancellationToken);

    private static string Schema(MigrationSettings settings) => settings.JournalSchema ?? JournalTables.DefaultSchema;
}
