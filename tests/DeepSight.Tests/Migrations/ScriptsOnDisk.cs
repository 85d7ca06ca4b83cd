using DeepSight.Core.Health;
using DeepSight.Core.Migrations;
using DeepSight.Core.Migrations.Journal;
using DeepSight.Core.Migrations.Running;
using DeepSight.Core.Postgres;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Migrations;

/// <summary>A migrations folder that a test writes, and the runner over it.</summary>
internal sealed class ScriptsOnDisk : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public ScriptsOnDisk(params (string Path, string Text)[] files)
    {
        foreach (var (path, text) in files) Write(path, text);
    }

    public string Root => folder.Path;

    public MigrationSettings Settings { get; set; } = new();

    /// <summary>The steps of every run, in words.</summary>
    public List<MigrationStep> Steps { get; } = [];

    public MigrationRunner Runner => new(Effective, TimeProvider.System);

    public MigrationSettings Effective => Settings with { Directory = folder.Path };

    public ScriptsOnDisk Write(string path, string text)
    {
        var file = Path.Combine(folder.Path, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return this;
    }

    public void WriteBytes(string path, byte[] bytes)
    {
        Write(path, "");
        File.WriteAllBytes(Path.Combine(folder.Path, path), bytes);
    }

    public void Delete(string path) => File.Delete(Path.Combine(folder.Path, path));

    /// <summary>A revision and its undoing: <c>up/0001_name.sql</c> with headers.</summary>
    public ScriptsOnDisk Revision(string file, string headers, string up, string? down)
    {
        Write($"up/{file}.sql", string.Concat(headers.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(header => $"-- {header}\n")) + up);
        return down is null ? this : Write($"down/{file}.sql", down);
    }

    public Task<MigrationResult> UpAsync(DatabaseUrl database, string target = "head", bool allowDrift = false, bool dryRun = false) =>
        Runner.UpAsync(database, new UpRequest { Target = target, AllowDrift = allowDrift, DryRun = dryRun }, new Recorder(Steps), TestContext.Current.CancellationToken);

    public Task<MigrationResult> DownAsync(DatabaseUrl database, string target, bool dryRun = false) =>
        Runner.DownAsync(database, new DownRequest(target) { DryRun = dryRun }, new Recorder(Steps), TestContext.Current.CancellationToken);

    public async Task<MigrationState> StateAsync(DatabaseUrl database)
    {
        var files = await MigrationSources.LoadAsync(Effective, database, TestContext.Current.CancellationToken);
        await using var connection = await database.OpenAsync();
        var tables = await JournalTables.FindAsync(connection, Settings.JournalSchema, TestContext.Current.CancellationToken);
        return await MigrationStateReader.ReadAsync(connection, tables, files, TestContext.Current.CancellationToken);
    }

    /// <summary>The same state as the health probe tells it.</summary>
    public async Task<MigrationHealth> HealthAsync(DatabaseUrl database)
    {
        var files = await MigrationSources.LoadAsync(Effective, database, TestContext.Current.CancellationToken);
        await using var connection = await database.OpenAsync();
        return (await new HealthQuestions(connection, Settings.JournalSchema, TimeProvider.System).AskAsync(files, TestContext.Current.CancellationToken)).Migrations;
    }

    public void Dispose() => folder.Dispose();

    public static string Names(MigrationResult result) => string.Join(' ', result.Scripts.Select(script => script.Revision ?? script.Script));

    private sealed class Recorder(List<MigrationStep> steps) : IProgress<MigrationStep>
    {
        public void Report(MigrationStep value)
        {
            lock (steps) steps.Add(value);
        }
    }
}
