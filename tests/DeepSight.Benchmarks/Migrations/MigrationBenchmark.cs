using DeepSight.Benchmarks.Database;
using DeepSight.Benchmarks.Measuring;
using DeepSight.Core.Postgres;
using DeepSight.Tests.Servers;

namespace DeepSight.Benchmarks.Migrations;

/// <summary>500 scripts, as an operator runs them: <c>deepsight migrate up</c> and grate, each a process of its own, start-up and all.</summary>
internal static class MigrationBenchmark
{
    private const int Scripts = 500;

    public static async Task<bool> RunAsync(int repetitions, CancellationToken cancellationToken)
    {
        await using var server = await BenchServer.StartAsync(cancellationToken);
        var grate = Path.Combine(await Clone.BuiltAsync("local/grate", "grate"), "grate");
        var folder = await WriteScriptsAsync(cancellationToken);

        var first = await Interleaved.RunAsync(
            [
                new Side($"first run of {Scripts}, deepsight", token => FreshAsync(server, database => MigrationRun.OursAsync(database, folder, token), token)),
                new Side($"first run of {Scripts}, grate", token => FreshAsync(server, database => MigrationRun.GrateAsync(grate, database, folder, token), token)),
            ], repetitions, cancellationToken);
        var met = Bound.Check("first run", first[0].TimesAsLongAs(first[1]), 0.5);

        var (ours, theirs) = (server.Url("migrated_by_us"), server.Url("migrated_by_grate"));
        foreach (var database in (DatabaseUrl[])[ours, theirs]) await CreateAsync(server, database.Database, cancellationToken);
        await MigrationRun.OursAsync(ours, folder, cancellationToken);
        await MigrationRun.GrateAsync(grate, theirs, folder, cancellationToken);
        var again = await Interleaved.RunAsync(
            [
                new Side("nothing to do, deepsight", token => MigrationRun.OursAsync(ours, folder, token)),
                new Side("nothing to do, grate", token => MigrationRun.GrateAsync(grate, theirs, folder, token)),
            ], repetitions, cancellationToken);
        return Bound.Check("nothing to do", again[0].TimesAsLongAs(again[1]), 0.4) && met;
    }

    private static async Task<Measurement> FreshAsync(BenchServer server, Func<DatabaseUrl, Task<Measurement>> run, CancellationToken cancellationToken)
    {
        await CreateAsync(server, "migrated_now", cancellationToken);
        return await run(server.Url("migrated_now"));
    }

    private static async Task CreateAsync(BenchServer server, string name, CancellationToken cancellationToken)
    {
        await server.RunAsync("dropdb", ["--if-exists", name], cancellationToken);
        await server.RunAsync("createdb", [name], cancellationToken);
    }

    /// <summary>Tables, columns, rows and indexes; one script in ten is a function or a view.</summary>
    private static async Task<string> WriteScriptsAsync(CancellationToken cancellationToken)
    {
        var folder = Path.Combine(BenchServer.OutputFolder, "migrations");
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        foreach (var name in (string[])["up", "functions", "views"]) Directory.CreateDirectory(Path.Combine(folder, name));
        for (var i = 0; i < Scripts; i++)
        {
            var table = i - i % 10;
            var (path, text) = (i % 10) switch
            {
                0 => ($"up/{i:0000}_table.sql", $"create table t{i} (\n    id bigint generated always as identity primary key,\n    name text not null,\n    at timestamptz not null default now()\n);\n"),
                7 => ($"up/{i:0000}_index.sql", $"create index t{table}_name on t{table} (name);\n"),
                8 => ($"functions/{i:0000}_name.sql", $"create or replace function name_of_{table}(bigint) returns text language sql stable as $$ select name from t{table} where id = $1 $$;\n"),
                9 => ($"views/{i:0000}_recent.sql", $"create or replace view recent_{table} as select id, name from t{table} where at > now() - interval '1 day';\n"),
                _ => ($"up/{i:0000}_column.sql", $"alter table t{table} add column c{i} integer not null default {i};\ninsert into t{table} (name) select 'row ' || n from generate_series(1, 20) n;\n"),
            };
            await File.WriteAllTextAsync(Path.Combine(folder, path), text, cancellationToken);
        }

        return folder;
    }
}
