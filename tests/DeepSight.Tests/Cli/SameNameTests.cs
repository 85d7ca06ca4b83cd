using System.Globalization;
using DeepSight.Core.Postgres;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;
using Npgsql;

namespace DeepSight.Tests.Cli;

/// <summary>
/// Two machines that were given the same stem and the same place: no lock of a database server keeps them apart, only the
/// reservation of the name does.
/// </summary>
public sealed class SameNameTests(PostgresServers servers, S3Server s3) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Of_two_processes_that_want_one_name_in_a_directory_the_second_takes_the_next()
    {
        var place = Path.Combine(folder.Path, "shared");
        await CollideAsync(_ => new() { ["BACKUP_DIR"] = place },
            name => File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(place).FullName, name), "", Cancelled), "backup");
    }

    [Fact]
    public async Task Of_two_processes_that_want_one_name_in_a_bucket_the_second_takes_the_next()
    {
        await using var bucket = await S3TestBucket.CreateAsync(s3);
        await CollideAsync(machine => new()
        {
            ["BACKUP_DIR"] = Path.Combine(folder.Path, machine),
            ["BACKUP_S3_BUCKET"] = bucket.Name,
            ["AWS_ENDPOINT_URL_S3"] = bucket.Access.Endpoint.AbsoluteUri,
            ["AWS_ACCESS_KEY_ID"] = bucket.Access.AccessKey,
            ["AWS_SECRET_ACCESS_KEY"] = bucket.Access.SecretKey,
        }, name => bucket.PutAsync(S3TestBucket.Prefix + name, []), "backup", "--upload");
    }

    /// <summary>
    /// Both are held where they know the time of their start and have reserved no name. Every name up to now is then taken, so
    /// that both want the first free one when they are let go, at one moment.
    /// </summary>
    private async Task CollideAsync(Func<string, Dictionary<string, string>> settings, Func<string, Task> takeAsync, params string[] command)
    {
        DatabaseUrl[] databases = [await NewDatabaseAsync(17, 1_000), await NewDatabaseAsync(18, 2_000)];
        NpgsqlConnection[] holders = [await HoldAsync(databases[0]), await HoldAsync(databases[1])];
        var begun = TimeProvider.System.GetUtcNow();
        using var first = Start("first", databases[0]);
        using var second = Start("second", databases[1]);
        await Eventually.HoldsAsync(async () => first.HasEnded || second.HasEnded || (await IsHeldAsync(databases[0]) && await IsHeldAsync(databases[1])), () => "The two did not get to where they are held.");
        var now = TimeProvider.System.GetUtcNow();
        for (var time = begun; time <= now.AddSeconds(1); time = time.AddSeconds(1)) await takeAsync(NameAt(time));
        foreach (var holder in holders) await holder.DisposeAsync();
        CommandResult[] results = [await first.EndAsync(), await second.EndAsync()];

        var manifests = results.Select(result => result.EndedWith(0).Json.GetProperty("manifest")).ToList();
        var names = manifests.Select(manifest => manifest.GetProperty("name").GetString()!).ToList();
        Assert.Equal([NextAfter(begun, now), NextAfter(begun, now, 2)], names.Order(StringComparer.Ordinal));
        Assert.Equal([1_000, 2_000], manifests.Select(manifest => manifest.GetProperty("tables").EnumerateArray().Sum(table => table.GetProperty("rows").GetInt32())));
        foreach (var name in names) (await RunAsync("verify", name, "--quick")).EndedWith(0);
        var listed = (await RunAsync("list", "--all", "--json")).EndedWith(0).Json.GetProperty("backups").EnumerateArray();
        Assert.Equal(names.Order(StringComparer.Ordinal), listed.Where(row => row.GetProperty("good").GetBoolean()).Select(row => row.GetProperty("name").GetString()!).Order(StringComparer.Ordinal));

        CommandProcess Start(string machine, DatabaseUrl database) => CommandProcess.Start(With(machine, database), [.. command, "--json"]);

        Task<CommandResult> RunAsync(params string[] line) => CommandProcess.RunAsync(With("third", databases[0]), line);

        Dictionary<string, string> With(string machine, DatabaseUrl database) => new(settings(machine)) { ["DATABASE_URL"] = database.Whole() };
    }

    /// <summary>The first name, or a later one, that was not taken.</summary>
    private static string NextAfter(DateTimeOffset begun, DateTimeOffset now, int place = 1)
    {
        var time = begun;
        while (time <= now.AddSeconds(1)) time = time.AddSeconds(1);
        return NameAt(time.AddSeconds(place - 1));
    }

    private static string NameAt(DateTimeOffset time) => time.UtcDateTime.ToString("'deepsight_'yyyyMMdd'_'HHmmss'.sql.gz'", CultureInfo.InvariantCulture);

    private Task<DatabaseUrl> NewDatabaseAsync(int major, int rows) => servers.NewDatabaseAsync(major,
        $"create table t as select n from generate_series(1, {rows}) n; create table alembic_version (version_num varchar(32))");

    /// <summary>A backup looks where the schema stands after it has read the clock and before it reserves its name.</summary>
    private static async Task<NpgsqlConnection> HoldAsync(DatabaseUrl database)
    {
        var connection = await database.OpenAsync();
        await connection.ExecuteAsync("begin; lock table alembic_version in access exclusive mode");
        return connection;
    }

    private static Task<bool> IsHeldAsync(DatabaseUrl database) =>
        database.AskAsync<bool>("select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')");
}
