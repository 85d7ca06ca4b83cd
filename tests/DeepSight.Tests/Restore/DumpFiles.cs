using System.IO.Compression;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Tests.Storage;
using ZstdSharp;

namespace DeepSight.Tests.Restore;

/// <summary>Dumps as operators have them: files made by <c>pg_dump</c> with or without a compressor, and nothing beside them.</summary>
internal static class DumpFiles
{
    /// <summary>Tables, a sequence, odd rows, a large object in its own transaction, a constraint and an index at the end.</summary>
    public const string Sample =
        """
        create table users (id serial primary key, name text not null, note text);
        insert into users (name, note) select 'user ' || n, E'tab\there, \\. and \n$$ line' from generate_series(1, 2000) n;
        create table videos (id int primary key, owner int references users (id), length interval);
        insert into videos select n, 1 + n % 2000, n * interval '1 second' from generate_series(1, 3000) n;
        create index on videos (owner);
        create view long_videos as select * from videos where length > interval '10 minutes';
        create function greet(who text) returns text language sql as $body$ select E'BEGIN; \\connect ' || who $body$;
        select lo_from_bytea(4711, decode(repeat('cafe', 5000), 'hex'));
        """;

    public static async Task<byte[]> MakeAsync(DatabaseUrl database)
    {
        using var clients = new PostgresClients(new DatabaseSettings());
        await using var connection = await PostgresServer.ConnectAsync(database, "deepsight tests", CancellationToken.None);
        var server = await PostgresServer.DescribeAsync(connection, CancellationToken.None);
        var client = await clients.ForDumpAsync(server.Version, CancellationToken.None);
        await using var dump = PostgresTools.StartDump(database, client, new DumpOptions(), CancellationToken.None);
        using var sql = new MemoryStream();
        await dump.Output.CopyToAsync(sql, CancellationToken.None);
        await dump.WaitForSuccessAsync();
        return sql.ToArray();
    }

    /// <summary>What a dump of the database says it holds.</summary>
    public static async Task<DumpSummary> SummarizeAsync(DatabaseUrl database)
    {
        var inspector = new DumpInspector();
        inspector.Append(await MakeAsync(database));
        return inspector.Complete();
    }

    public static byte[] Gzip(byte[] sql)
    {
        using var content = new MemoryStream();
        using (var gzip = new GZipStream(content, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(sql);
        return content.ToArray();
    }

    public static byte[] Zstd(byte[] sql)
    {
        using var compressor = new Compressor(3);
        compressor.SetParameter(ZstdSharp.Unsafe.ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        return compressor.Wrap(sql).ToArray();
    }

    public static async Task<DumpSource> FileAsync(byte[] content, string name = "deepsight_20260212_030000.sql.gz")
    {
        var path = Path.Combine(RunFolder.New(), name);
        await File.WriteAllBytesAsync(path, content, CancellationToken.None);
        return await FileSource.FindAsync(path, CancellationToken.None);
    }
}
