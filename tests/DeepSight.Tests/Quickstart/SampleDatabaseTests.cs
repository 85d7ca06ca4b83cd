using System.Security.Cryptography;
using System.Text;
using DeepSight.Cli.Quickstart;
using DeepSight.Core;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Quickstart;

public sealed class SampleDatabaseTests(PostgresServers servers) : IDisposable
{
    /// <summary>Of the rows of all tables. When sample-data.sql changes, so does this.</summary>
    private const string Checksum = "e570e76fa9c6b47d";

    private readonly PostgresClients clients = new(new DatabaseSettings());

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>One by default: its half a million rows take a while.</summary>
    public static TheoryData<int> Majors => Matrix.IsFull ? PostgresServers.Majors : [15];

    public void Dispose() => clients.Dispose();

    [Theory]
    [MemberData(nameof(Majors))]
    [Trait(Matrix.Runs, Matrix.Full)]
    public async Task It_is_the_same_on_every_major_and_its_dump_restores_into_the_newest(int major)
    {
        var (database, contents) = await CreateAsync(major);

        var restored = await servers.NewDatabaseAsync(18);
        var dump = await CopyAsync(database, restored);

        Assert.Equal((57, 488_315), (contents.Tables, contents.Rows));
        Assert.True(dump.IsComplete);
        Assert.Equal(Checksum, ChecksumOf(dump));
        // Neither role nor extension: the dump goes into any server.
        Assert.Equal((12, 0, 0), (dump.LargeObjects, dump.Roles.Count, dump.Extensions.Count));
        Assert.Empty(DumpComparison.Of(dump, await CopyAsync(restored, null)).Differences);
    }

    [Fact]
    public async Task The_inspector_counts_what_the_server_counts()
    {
        var (database, contents) = await CreateAsync(18);

        var dump = await CopyAsync(database, null);

        Assert.Equal(contents.Rows, dump.Rows);
        await using var connection = await database.OpenAsync();
        foreach (var table in dump.Tables)
        {
            // ONLY is for inheritance; the hash-partitioned table is dumped as one and has no rows of its own.
            var only = table.Name == "public.notifications" ? "" : "ONLY ";
            Assert.Equal((table.Name, await connection.AskAsync<long>($"SELECT count(*) FROM {only}{table.Name}")), (table.Name, table.Rows));
        }
    }

    [Fact]
    public async Task A_name_that_is_taken_is_told_and_left_alone()
    {
        var taken = await servers.NewDatabaseAsync(18, "CREATE TABLE precious ()");

        var failure = await Assert.ThrowsAsync<DeepSightException>(() => SampleDatabase.CreateAsync(taken, taken.Database, Cancelled));

        Assert.Equal($"The sample database can't be created: database \"{taken.Database}\" already exists.", failure.Message);
        Assert.Equal("precious", await taken.AskAsync<string>("SELECT relname::text FROM pg_class WHERE relname = 'precious'"));
    }

    [Fact]
    public async Task One_that_was_cancelled_leaves_no_database()
    {
        var server = (await servers.GetAsync(18)).Url;
        var name = $"sample {Guid.NewGuid():n}";
        using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SampleDatabase.CreateAsync(server, name, cancellation.Token));

        Assert.Equal(0, await server.AskAsync<long>($"SELECT count(*) FROM pg_database WHERE datname = '{name}'"));
    }

    private async Task<(DatabaseUrl Database, SampleContents Contents)> CreateAsync(int major)
    {
        var server = (await servers.GetAsync(major)).Url;
        var name = $"sample {Guid.NewGuid():n}";
        return (server.WithDatabase(name), await SampleDatabase.CreateAsync(server, name, Cancelled));
    }

    /// <summary>Dumps a database, into another if there is one, and sums the dump up.</summary>
    private async Task<DumpSummary> CopyAsync(DatabaseUrl from, DatabaseUrl? into)
    {
        await using var connection = await from.OpenAsync();
        var version = (await PostgresServer.DescribeAsync(connection, Cancelled)).Version;
        await using var dump = PostgresTools.StartDump(from, await clients.ForDumpAsync(version, Cancelled), new DumpOptions(), Cancelled);
        await using var psql = into is null ? null
            : PostgresTools.StartPsql(into, await clients.ForPsqlAsync(new PostgresVersion(18, 0), Cancelled), new PsqlOptions(), Cancelled);
        var printed = psql?.Output.CopyToAsync(Stream.Null, Cancelled);

        var inspector = new DumpInspector();
        var buffer = new byte[256 * 1024];
        while (await dump.Output.ReadAsync(buffer, Cancelled) is > 0 and var read)
        {
            inspector.Append(buffer.AsSpan(0, read));
            if (psql is not null) await psql.Input.WriteAsync(buffer.AsMemory(0, read), Cancelled);
        }

        await dump.WaitForSuccessAsync();
        if (psql is not null)
        {
            psql.Input.Close();
            await printed!;
            await psql.WaitForSuccessAsync();
        }
        return inspector.Complete();
    }

    private static string ChecksumOf(DumpSummary dump)
    {
        var lines = dump.Tables.OrderBy(table => table.Name, StringComparer.Ordinal).Select(table => $"{table.Name} {table.Rows} {table.Checksum}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))))[..16];
    }
}
