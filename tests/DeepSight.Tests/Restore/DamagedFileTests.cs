using System.Text;
using DeepSight.Core;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Restore;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Restore;

/// <summary>A good file damaged at many places, in every mode: it is told as corrupt, and the target stays as it is.</summary>
public sealed class DamagedFileTests(PostgresServers servers) : IDisposable
{
    private const string Name = "deepsight_20260212_030000.sql";

    private const int Cuts = 20;
    private const int Flips = 200;

    /// <summary>One for all cases: that none of them changes it is what they show.</summary>
    private static (DatabaseUrl Target, byte[] Sql, byte[] Stored, byte[] Manifest, DumpSummary Before)? shared;

    private readonly TemporaryFolder folder = new();

    /// <summary>Every place in every mode; by default a few of them, spread over the modes.</summary>
    public static TheoryData<RestoreMode, int> CutPlaces => Places(Cuts, 3);

    public static TheoryData<RestoreMode, int> FlippedPlaces => Places(Flips, 6);

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(CutPlaces))]
    public async Task A_file_cut_anywhere_is_corrupt(RestoreMode mode, int place)
    {
        var (_, sql, stored, manifest, _) = shared ??= await PrepareAsync();
        // In turn as files come: a backup with its manifest, and by hand in each compression and in none.
        var (ending, whole) = (place % 4) switch { 0 => (".gz", stored), 1 => (".gz", DumpFiles.Gzip(sql)), 2 => (".zst", DumpFiles.Zstd(sql)), _ => ("", Body(sql)) };
        var at = (int)((place + new Random(place).NextDouble()) / Cuts * whole.Length);

        await AssertCorruptAsync(mode, ending, whole[..at], place % 4 == 0 ? manifest : null);
    }

    [Theory]
    [MemberData(nameof(FlippedPlaces))]
    public async Task A_flipped_bit_is_corrupt(RestoreMode mode, int place)
    {
        var (_, _, stored, manifest, _) = shared ??= await PrepareAsync();
        var bad = (byte[])stored.Clone();
        var random = new Random(place);
        bad[(int)((place + random.NextDouble()) / Flips * bad.Length)] ^= (byte)(1 << random.Next(8));

        await AssertCorruptAsync(mode, ".gz", bad, manifest);
    }

    /// <summary>The compressed file is whole: what was cut is pg_dump's output, by a pipe that broke.</summary>
    [Theory]
    [MemberData(nameof(CutPlaces))]
    public async Task A_dump_cut_within_a_COPY_is_corrupt(RestoreMode mode, int place)
    {
        var (_, sql, _, _, _) = shared ??= await PrepareAsync();
        var text = Encoding.UTF8.GetString(sql);
        var from = text.IndexOf("FROM stdin;\n", StringComparison.Ordinal) + "FROM stdin;\n".Length;
        var to = text.IndexOf("\n\\.\n", from, StringComparison.Ordinal);
        var at = from + (int)((place + new Random(place).NextDouble()) / Cuts * (to - from));

        await AssertCorruptAsync(mode, ".gz", DumpFiles.Gzip(Encoding.UTF8.GetBytes(text[..at])), null);
    }

    private static TheoryData<RestoreMode, int> Places(int count, int sample)
    {
        var modes = Enum.GetValues<RestoreMode>();
        if (Matrix.IsFull) return [.. from mode in modes from place in Enumerable.Range(0, count) select (mode, place)];

        var places = Enumerable.Range(0, count).ToArray();
        new Random(17).Shuffle(places);
        return [.. places.Take(sample).Select((place, at) => (modes[at % modes.Length], place))];
    }

    private async Task AssertCorruptAsync(RestoreMode mode, string ending, byte[] content, byte[]? manifest)
    {
        using var world = new RestoreWorld();
        var (target, _, _, _, before) = shared!.Value;
        var path = Path.Combine(folder.Path, Name + ending);
        await File.WriteAllBytesAsync(path, content, TestContext.Current.CancellationToken);
        if (manifest is not null) await File.WriteAllBytesAsync(path + BackupName.ManifestSuffix, manifest, TestContext.Current.CancellationToken);

        var request = world.Over(target, RestoreJobTests.Options(mode, target)) with { Source = async token => await FileSource.FindAsync(path, token) };
        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(request));

        Assert.True(thrown.Kind == FailureKind.Corrupt, $"{thrown.Kind}: {thrown.Message}");
        Assert.NotNull(thrown.Hint);
        Assert.Equal([], DumpComparison.Of(before, await DumpFiles.SummarizeAsync(target)).Differences);
        Assert.Empty(await RestoreWorld.LeftoversAsync(target));
        Assert.Equal(0, await target.AskAsync<long>($"select count(*) from pg_database where datname = '{target.Database}_copy'"));
    }

    private async Task<(DatabaseUrl, byte[], byte[], byte[], DumpSummary)> PrepareAsync()
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        var stored = world.Store.PathOf((await world.BackUpAsync(target)).Name);
        var sql = await DumpFiles.MakeAsync(target);
        await target.ExecuteAsync("delete from videos where id > 10; create table stray (a int)");
        return (target, sql, await File.ReadAllBytesAsync(stored), await File.ReadAllBytesAsync(stored + BackupName.ManifestSuffix), await DumpFiles.SummarizeAsync(target));
    }

    /// <summary>Behind its last comment nothing is lost that matters.</summary>
    private static byte[] Body(byte[] sql) => sql[..sql.AsSpan().LastIndexOf("-- PostgreSQL database dump complete"u8)];
}
