using System.Text;
using System.Text.RegularExpressions;
using DeepSight.Core;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Restore;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Restore;

/// <summary>Files that are not what they should be, in every mode: a clear end, and the target as it was.</summary>
public sealed partial class BadFileTests(PostgresServers servers) : IDisposable
{
    private const string Name = "deepsight_20260212_030000.sql.gz";

    /// <summary>One for all cases: that none of them changes it is what they show.</summary>
    private static (DatabaseUrl Target, byte[] Sql, BackupManifest Manifest, DumpSummary Before)? shared;

    private static readonly Dictionary<string, (FailureKind Kind, Func<string, byte[]> File)> Files = new()
    {
        ["a zip"] = (FailureKind.Corrupt, _ => [0x50, 0x4b, 3, 4, .. StoreExtensions.Bytes(5000)]),
        ["nothing"] = (FailureKind.Corrupt, _ => []),
        ["noise"] = (FailureKind.Corrupt, _ => StoreExtensions.Bytes(5000)),
        ["noise that begins like gzip"] = (FailureKind.Corrupt, _ => [0x1f, 0x8b, 8, 0, .. StoreExtensions.Bytes(5000)]),
        ["text that is no SQL"] = (FailureKind.Corrupt, _ => "<html><body>502 Bad Gateway</body></html>\n"u8.ToArray()),
        ["cut gzip"] = (FailureKind.Corrupt, sql => DumpFiles.Gzip(Bytes(sql))[..^9]),
        ["cut zstd"] = (FailureKind.Corrupt, sql => DumpFiles.Zstd(Bytes(sql))[..^5]),
        ["cut in a COPY"] = (FailureKind.Corrupt, sql => DumpFiles.Gzip(Bytes(sql[..(sql.IndexOf("user 1500", StringComparison.Ordinal) + 4)]))),
        ["a COPY that ends early"] = (FailureKind.Corrupt, sql => DumpFiles.Gzip(Bytes(sql[..sql.IndexOf("\n1500\t", StringComparison.Ordinal)] + "\n\\.\n"))),
        ["an error at the end"] = (FailureKind.Failed, sql => DumpFiles.Gzip(Bytes(AtEnd(sql, "CREATE INDEX broken ON public.nowhere (id);")))),
        ["a row too wide"] = (FailureKind.Failed, sql => DumpFiles.Gzip(Bytes(sql.Replace("\n1500\t", "\n1500\tmore\t", StringComparison.Ordinal)))),
        ["a large object and an error after it"] = (FailureKind.Failed, sql => DumpFiles.Gzip(Bytes(AfterLargeObjects(sql)))),
        ["an extension that is not there"] = (FailureKind.Refused, sql => DumpFiles.Gzip(Bytes(AtEnd(sql, "create extension no_such_extension;")))),
        ["connect"] = (FailureKind.Refused, sql => DumpFiles.Gzip(Bytes(AtEnd(sql, @"\connect postgres")))),
        ["a program"] = (FailureKind.Refused, sql => DumpFiles.Gzip(Bytes(AtEnd(sql, $@"\! touch {Witness}")))),
        ["a client's copy"] = (FailureKind.Refused, sql => DumpFiles.Gzip(Bytes(AtEnd(sql, $@"\copy users to '{Witness}'")))),
        ["another file than its manifest's"] = (FailureKind.Corrupt, sql => DumpFiles.Gzip(Bytes(sql + "\n"))),
        ["rows that its manifest does not have"] = (FailureKind.Corrupt, sql => DumpFiles.Gzip(Bytes(sql))),
        ["a manifest that is none"] = (FailureKind.Corrupt, sql => DumpFiles.Gzip(Bytes(sql))),
        ["a manifest of a later version"] = (FailureKind.Corrupt, sql => DumpFiles.Gzip(Bytes(sql))),
    };

    private readonly TemporaryFolder folder = new();

    /// <summary>Every file in every mode; by default each file in one.</summary>
    public static TheoryData<RestoreMode, string> Cases => [.. Files.Keys.SelectMany((file, at) =>
        RestoreJobTests.Modes.Where((_, mode) => Matrix.IsFull || mode == at % 3).Select(mode => (mode.Data, file)))];

    /// <summary>What a dump that reaches out of its database would leave.</summary>
    private static string Witness { get; } = Path.Combine(Path.GetTempPath(), $"deepsight-witness-{Guid.NewGuid():n}");

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_bad_file_ends_clearly_and_the_target_stays_as_it_is(RestoreMode mode, string file)
    {
        using var world = new RestoreWorld();
        var (target, sql, manifest, before) = shared ??= await PrepareAsync();
        var path = Path.Combine(folder.Path, Name);
        var content = Files[file].File(Encoding.UTF8.GetString(sql));
        await File.WriteAllBytesAsync(path, content, TestContext.Current.CancellationToken);
        if (file.Contains("manifest", StringComparison.Ordinal)) await File.WriteAllBytesAsync(path + BackupName.ManifestSuffix, ManifestFor(file, manifest, content), TestContext.Current.CancellationToken);

        var request = world.Over(target, RestoreJobTests.Options(mode, target)) with { Source = token => FindAsync(path, token), DropOthers = true };
        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(request));

        Assert.True(Files[file].Kind == thrown.Kind, $"{thrown.Kind}: {thrown.Message}");
        Assert.NotNull(thrown.Hint);
        Assert.Equal([], DumpComparison.Of(before, await DumpFiles.SummarizeAsync(target)).Differences);
        Assert.Empty(await RestoreWorld.LeftoversAsync(target));
        Assert.Equal(0, await target.AskAsync<long>($"select count(*) from pg_database where datname = '{target.Database}_copy'"));
        Assert.False(File.Exists(Witness));
    }

    private async Task<(DatabaseUrl, byte[], BackupManifest, DumpSummary)> PrepareAsync()
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        var manifest = await world.BackUpAsync(target);
        var sql = await DumpFiles.MakeAsync(target);
        // What a restore would bring back by mistake is told from what is there.
        await target.ExecuteAsync("delete from videos where id > 10; create table stray (a int)");
        return (target, sql, manifest, await DumpFiles.SummarizeAsync(target));
    }

    private static async Task<DumpSource> FindAsync(string path, CancellationToken cancellationToken) => await FileSource.FindAsync(path, cancellationToken);

    private static byte[] ManifestFor(string file, BackupManifest manifest, byte[] content)
    {
        var own = manifest with { Sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)), AccessSha256 = null };
        return file switch
        {
            "a manifest that is none" => "{ \"name\": "u8.ToArray(),
            "a manifest of a later version" => Json.ToUtf8(own with { SchemaVersion = 99 }),
            "rows that its manifest does not have" => Json.ToUtf8(own with { Tables = [.. own.Tables.Select(table => table with { Rows = table.Rows + 1 })] }),
            _ => Json.ToUtf8(manifest),
        };
    }

    private static byte[] Bytes(string sql) => Encoding.UTF8.GetBytes(sql);

    private static string AtEnd(string sql, string line) =>
        sql.Insert(sql.LastIndexOf("--\n-- PostgreSQL database dump complete", StringComparison.Ordinal), line + "\n\n");

    /// <summary>pg_dump puts large objects into a transaction of their own, which has ended by then.</summary>
    private static string AfterLargeObjects(string sql)
    {
        var written = LargeObjectWritten().Match(sql);
        Assert.True(written.Success);
        return sql.Insert(written.Index + written.Length, "\nCREATE INDEX broken ON public.nowhere (id);\n");
    }

    [GeneratedRegex(@"lo_close\(0\);\s+COMMIT;\n")]
    private static partial Regex LargeObjectWritten();
}
