using DeepSight.Core.Dumps;

namespace DeepSight.Tests.Dumps;

public sealed class BackupNameTests
{
    [Theory]
    [InlineData("deepsight_20260212_030000.sql.gz", Compression.Gzip, false)]
    [InlineData("deepsight_20260212_030000.sql.zst", Compression.Zstd, false)]
    [InlineData("pre-restore/deepsight_20260212_030000.sql.gz", Compression.Gzip, true)]
    public void A_backups_name_tells_its_time_format_and_folder(string text, Compression compression, bool preRestore)
    {
        var name = BackupName.TryParse(text, "deepsight");

        Assert.Equal(new BackupName("deepsight", new DateTimeOffset(2026, 2, 12, 3, 0, 0, TimeSpan.Zero), compression, preRestore), name);
        Assert.Equal(text, name!.ToString());
    }

    [Fact]
    public void A_sealed_backups_name_ends_in_age_as_does_its_access_file()
    {
        var name = BackupName.TryParse("deepsight_20260212_030000.sql.zst.age", "deepsight")!;

        Assert.True(name is { IsSealed: true, Compression: Compression.Zstd });
        Assert.Equal(("deepsight_20260212_030000.sql.zst.age", "deepsight_20260212_030000.sql.zst.age.access.sql.gz.age"), (name.ToString(), name.Access));
        Assert.NotEqual(BackupName.TryParse("deepsight_20260212_030000.sql.zst", "deepsight"), name);
    }

    [Theory]
    [InlineData("deepsight_20260212_030000.sql.age")]
    [InlineData("deepsight_20260212_030000.sql.gz.age.age")]
    [InlineData("deepsight_20260212_030000.sql.gz.AGE")]
    [InlineData("deepsight_20260212_030000.sql.gz.manifest.json")]
    [InlineData("deepsight_20260212_030000.sql.gz.pending")]
    [InlineData("deepsight_20260212_030000.sql")]
    [InlineData("deepsight_20260212_030000.sql.gz ")]
    [InlineData("deepsight_20260212_030000.sql.gz\n")]
    [InlineData("deepsight_20260230_030000.sql.gz")]
    [InlineData("deepsight_20260212_250000.sql.gz")]
    [InlineData("deepsight_2026021_030000.sql.gz")]
    [InlineData("Deepsight_20260212_030000.sql.gz")]
    [InlineData("deepsight_test_20260212_030000.sql.gz")]
    [InlineData("other/deepsight_20260212_030000.sql.gz")]
    [InlineData("x/../deepsight_20260212_030000.sql.gz")]
    [InlineData("deepsight_٢٠٢٦٠٢١٢_030000.sql.gz")]
    [InlineData("")]
    public void Anything_that_does_not_match_exactly_is_no_backup(string text) => Assert.Null(BackupName.TryParse(text, "deepsight"));

    [Fact]
    public void A_stem_may_look_like_another_stem_with_a_stamp() =>
        Assert.Equal("app_20260101_000000_20260212_030000.sql.gz",
            BackupName.TryParse("app_20260101_000000_20260212_030000.sql.gz", "app_20260101_000000")!.ToString());
}
