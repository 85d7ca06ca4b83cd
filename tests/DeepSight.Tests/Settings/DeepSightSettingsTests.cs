using DeepSight.Core;
using DeepSight.Core.Dumps;
using DeepSight.Core.Settings;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Settings;

public sealed class DeepSightSettingsTests
{
    [Fact]
    public void Nothing_set_gives_the_defaults_of_the_old_guide()
    {
        var settings = Load();

        Assert.Empty(settings.Errors);
        Assert.Equal("/tmp/deepsight-backups", settings.Backup.Directory);
        Assert.Equal("deepsight-backups", settings.S3.Bucket);
        Assert.Equal("db-backups/", settings.S3.Prefix);
        Assert.Equal("eu-west-3", settings.S3.Region);
        Assert.Equal(Compression.Gzip, settings.Backup.Compression);
    }

    [Fact]
    public void Every_error_is_reported_at_once_with_what_is_allowed()
    {
        var settings = Load(("BACKUP_CRON_HOUR", "24"), ("BACKUP_KEEP_LOCAL", "maybe"), ("BACKUP_COMPRESSION", "lz4"), ("BACKUP_DIR", "backups"));

        Assert.Equal(
        [
            "BACKUP_KEEP_LOCAL is 'maybe'; it must be true or false.",
            "BACKUP_COMPRESSION is 'lz4'; it must be one of gzip, zstd.",
            "BACKUP_CRON_HOUR is '24'; it must be a whole number from 0 to 23.",
            "BACKUP_DIR is 'backups'; it must be an absolute path.",
        ], settings.Errors);
        var thrown = Assert.Throws<DeepSightException>(settings.ThrowIfInvalid);
        Assert.Equal(FailureKind.InvalidInput, thrown.Kind);
        Assert.All(settings.Errors, error => Assert.Contains(error, thrown.Message));
    }

    [Fact]
    public void A_Key_Vault_reference_that_was_not_resolved_is_told_of_every_setting()
    {
        const string reference = "@Microsoft.KeyVault(VaultName=kv;SecretName=AWS-SECRET-ACCESS-KEY)";

        var errors = Load(("DATABASE_URL", reference), ("AWS_SECRET_ACCESS_KEY", reference)).Errors;

        Assert.Contains(errors, error => error.StartsWith("DATABASE_URL is a Key Vault reference that was not resolved", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.StartsWith("AWS_SECRET_ACCESS_KEY is a Key Vault reference that was not resolved", StringComparison.Ordinal));
    }

    [Fact]
    public void Blank_values_count_as_not_set_and_spaces_around_a_value_are_dropped()
    {
        var settings = Load(("BACKUP_S3_BUCKET", "   "), ("BACKUP_NAME", " app \n"));

        Assert.Equal("deepsight-backups", settings.S3.Bucket);
        Assert.Equal("app", settings.Backup.Name);
    }

    [Fact]
    public void A_hour_and_a_schedule_that_disagree_are_an_error_and_that_agree_are_none()
    {
        Assert.Contains("disagree", Assert.Single(Load(("BACKUP_CRON_HOUR", "4"), ("BACKUP_SCHEDULE", "0 0 3 * * *")).Errors));
        Assert.Empty(Load(("BACKUP_CRON_HOUR", "3"), ("BACKUP_SCHEDULE", "0 0 3 * * *")).Errors);
    }

    [Fact]
    public void A_name_that_is_nearly_a_setting_is_warned_about_with_the_nearest_one()
    {
        var settings = Load(("BACKUP_COMPRESION", "zstd"), ("BACKUP_DIR", "/var/backups/deepsight"), ("UNRELATED", "x"));

        Assert.Equal(["BACKUP_COMPRESION is not a setting; did you mean BACKUP_COMPRESSION?"], settings.Warnings);
    }

    [Fact]
    public void The_environment_wins_over_the_local_settings_file()
    {
        var file = Path.Combine(RunFolder.New(), "local.settings.json");
        File.WriteAllText(file, """{ "Values": { "BACKUP_NAME": "from-file", "BACKUP_S3_BUCKET": "file-bucket" } }""");

        var source = new SettingsSource().Add([KeyValuePair.Create("BACKUP_NAME", (string?)"from-env")], "environment").AddLocalSettings(file);

        Assert.Equal(("from-env", "environment"), source.Find("BACKUP_NAME"));
        Assert.Equal(("file-bucket", "local.settings.json"), source.Find("BACKUP_S3_BUCKET"));
    }

    [Fact]
    public void A_broken_local_settings_file_is_named_and_its_content_is_not_shown()
    {
        var file = Path.Combine(RunFolder.New(), "local.settings.json");
        File.WriteAllText(file, """{ "Values": { "DATABASE_URL": "postgres://app:s3cret@db/app" """);

        var thrown = Assert.Throws<DeepSightException>(() => new SettingsSource().AddLocalSettings(file));

        Assert.Contains(file, thrown.Message);
        Assert.DoesNotContain("s3cret", thrown.ToString());
    }

    private static DeepSightSettings Load(params (string Name, string Value)[] values) =>
        DeepSightSettings.Load(new SettingsSource().Add(values.Select(value => KeyValuePair.Create(value.Name, (string?)value.Value)), "environment"));
}
