using System.Buffers;
using System.Globalization;
using DeepSight.Core.Postgres;
using Npgsql;

namespace DeepSight.Benchmarks.Database;

/// <summary>A database of some gigabytes, half of it pgbench's tables and half a wide text table; made once.</summary>
internal static class BenchDatabase
{
    /// <summary>Changes with what is in it, so that one of an older make is made again.</summary>
    private const string Make = "complete, make 3";

    private const int ScaleForEachGigabyte = 32;
    private const int LinesForEachGigabyte = 350_000;

    public static async Task<DatabaseUrl> GetAsync(BenchServer server, int gigabytes, CancellationToken cancellationToken)
    {
        var database = server.Url($"bench_{gigabytes}gb");
        await using var maintenance = await PostgresServer.ConnectAsync(server.Url("postgres"), "deepsight bench", cancellationToken);
        if (!await IsMadeAsync(maintenance, database.Database, cancellationToken))
        {
            await Console.Error.WriteLineAsync($"making a database of {gigabytes} GB, once…");
            await ExecuteAsync(maintenance, $"DROP DATABASE IF EXISTS {database.Database} WITH (FORCE)", cancellationToken);
            await ExecuteAsync(maintenance, $"CREATE DATABASE {database.Database}", cancellationToken);
            await FillAsync(server, database, gigabytes, cancellationToken);
            // Last: a half-made one doesn't have it.
            await ExecuteAsync(maintenance, $"COMMENT ON DATABASE {database.Database} IS '{Make}'", cancellationToken);
        }

        await using var connection = await PostgresServer.ConnectAsync(database, "deepsight bench", cancellationToken);
        var info = await PostgresServer.DescribeAsync(connection, cancellationToken);
        Console.WriteLine($"{database.Database}: {info.DatabaseBytes / 1e6:F0} MB, PostgreSQL {info.Version}, client {server.Client.Version}");
        return database;
    }

    private static async Task FillAsync(BenchServer server, DatabaseUrl database, int gigabytes, CancellationToken cancellationToken)
    {
        var scale = (ScaleForEachGigabyte * gigabytes).ToString(CultureInfo.InvariantCulture);
        await server.RunAsync("pgbench", ["--initialize", "--quiet", "--scale=" + scale, database.Database], cancellationToken);

        await using var connection = await PostgresServer.ConnectAsync(database, "deepsight bench", cancellationToken);
        await ExecuteAsync(connection, WideText.CreateTable, cancellationToken);
        await using (var import = (StreamWriter)await connection.BeginTextImportAsync(WideText.Copy, cancellationToken))
        {
            const int atOnce = 1_000;
            var text = new WideText();
            var lines = new ArrayBufferWriter<byte>();
            for (var first = 0; first < LinesForEachGigabyte * gigabytes; first += atOnce)
            {
                lines.ResetWrittenCount();
                text.Write(lines, first, atOnce);
                await import.BaseStream.WriteAsync(lines.WrittenMemory, cancellationToken);
            }
        }

        // So that no dump pays for hint bits.
        await ExecuteAsync(connection, "VACUUM (FREEZE, ANALYZE)", cancellationToken);
    }

    private static async Task<bool> IsMadeAsync(NpgsqlConnection maintenance, string name, CancellationToken cancellationToken)
    {
        const string sql = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1";
        await using var command = new NpgsqlCommand(sql, maintenance);
        command.Parameters.AddWithValue(name);
        return await command.ExecuteScalarAsync(cancellationToken) as string == Make;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
