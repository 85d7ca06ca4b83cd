using DeepSight.Core.Migrations;
using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Postgres;

namespace DeepSight.Cli.Migrate;

/// <summary>What the verbs share: where the migrations lie, and which database they are for.</summary>
internal static class MigrateContext
{
    /// <summary>Without MIGRATIONS_DIR: the working folder's, then the clone's, then those beside the program.</summary>
    public static MigrationSettings Migrations(this CommandContext context)
    {
        var settings = context.Settings.Migrations;
        if (context.Source.Find("MIGRATIONS_DIR") is not null) return settings;

        var home = Environment.GetEnvironmentVariable("DEEPSIGHT_HOME");
        var near = new[]
        {
            Path.Combine(Environment.CurrentDirectory, "migrations"),
            home is null ? "" : Path.Combine(home, "src", "DeepSight.Functions", "migrations"),
        };
        // None is there: the first is the one to make.
        return settings with { Directory = near.Append(settings.Directory).FirstOrDefault(Directory.Exists) ?? near[0] };
    }

    public static DatabaseUrl Database(this CommandContext context) => context.Settings.Database.ForJobs();

    public static IReadOnlyList<string> ProductionHosts(this CommandContext context) => context.Settings.Restore.ProductionHosts;

    public static Task<MigrationFiles> FilesAsync(this CommandContext context, CancellationToken cancellationToken) =>
        MigrationSources.LoadAsync(context.Migrations(), cancellationToken);

    public static Task<MigrationState> StateAsync(this CommandContext context, CancellationToken cancellationToken) =>
        MigrationStateReader.ReadAsync(context.Database(), context.Migrations(), cancellationToken);
}
