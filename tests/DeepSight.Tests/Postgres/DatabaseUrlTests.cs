using DeepSight.Core;
using DeepSight.Core.Postgres;
using Npgsql;

namespace DeepSight.Tests.Postgres;

public sealed class DatabaseUrlTests
{
    [Theory]
    [InlineData("postgres://app:pw@db.internal:5433/shop", "db.internal", 5433, "app", "pw", "shop")]
    [InlineData("postgresql://app:pw@db.internal/shop", "db.internal", 5432, "app", "pw", "shop")]
    [InlineData("postgresql+asyncpg://app:pw@db.internal/shop", "db.internal", 5432, "app", "pw", "shop")]
    [InlineData("POSTGRESQL+psycopg2://app:pw@db.internal/shop", "db.internal", 5432, "app", "pw", "shop")]
    [InlineData("postgresql://a%40b:p%3A%2F%3F%23%25w@db/sh%20op", "db", 5432, "a@b", "p:/?#%w", "sh op")]
    [InlineData("postgresql://app:p@ss:w@rd@db/shop", "db", 5432, "app", "p@ss:w@rd", "shop")]
    [InlineData("postgresql://app:50%off@db/shop", "db", 5432, "app", "50%off", "shop")]
    [InlineData("postgresql://app:pw@[2001:db8::1]:6000/shop", "2001:db8::1", 6000, "app", "pw", "shop")]
    [InlineData("postgresql://app:pw@[::1]/shop", "::1", 5432, "app", "pw", "shop")]
    [InlineData("postgresql://app@db:/shop", "db", 5432, "app", null, "shop")]
    [InlineData("postgresql://app:@db/shop", "db", 5432, "app", null, "shop")]
    [InlineData("postgresql://app@db", "db", 5432, "app", null, "app")]
    [InlineData("postgresql://app@db/", "db", 5432, "app", null, "app")]
    [InlineData("postgresql://app@%2Fvar%2Flib%2Fpg/shop", "/var/lib/pg", 5432, "app", null, "shop")]
    [InlineData("postgresql:///shop?host=/var/lib/pg&port=5433&user=app&password=pw", "/var/lib/pg", 5433, "app", "pw", "shop")]
    [InlineData("postgresql://db?user=app&dbname=shop", "db", 5432, "app", null, "shop")]
    [InlineData("Host=db;Port=5433;Username=app;Password=p;Database=shop", "db", 5433, "app", "p", "shop")]
    [InlineData("Server=db:5434;User Id=app;Password='p;w';Database=shop;Pooling=true;Maximum Pool Size=5", "db", 5434, "app", "p;w", "shop")]
    [InlineData("Host=::1;Username=app;Database=shop", "::1", 5432, "app", null, "shop")]
    [InlineData("Host=/var/lib/pg;Username=app", "/var/lib/pg", 5432, "app", null, "app")]
    [InlineData("  postgresql://app:pw@db/shop\n", "db", 5432, "app", "pw", "shop")]
    public void Every_usual_form_is_understood(string text, string host, int port, string user, string? password, string database)
    {
        var url = DatabaseUrl.Parse(text, "DATABASE_URL");

        Assert.Equal((host, port, user, password, database), (url.Host, url.Port, url.User, url.Password, url.Database));
    }

    [Fact]
    public void What_is_missing_gets_libpqs_default()
    {
        var url = DatabaseUrl.Parse("postgresql://", "DATABASE_URL");

        Assert.True(url.IsSocket);
        Assert.Equal((5432, Environment.UserName, Environment.UserName), (url.Port, url.User, url.Database));
    }

    [Theory]
    [InlineData("mysql://app:s3cret@db/shop", "neither postgresql:// nor")]
    [InlineData("s3cret", "neither postgresql:// nor")]
    [InlineData("\"postgresql://app:s3cret@db/shop\"", "neither postgresql:// nor")]
    [InlineData("postgresql://app:s3cret@db:54x2/shop", "its port is not a number from 1 to 65535")]
    [InlineData("postgresql://app:s3cret@db:0/shop", "its port")]
    [InlineData("postgresql://app:s3cret@db:70000/shop", "its port")]
    [InlineData("postgresql://app:s3cret/word@db/shop", "its port")]
    [InlineData("postgresql://app:12/s3cret@db", "its database has a '/' or '@' in it")]
    [InlineData("postgresql://app:12?s3cret@db/shop", "parameter 1 is not of the form name=value")]
    [InlineData("postgresql://app:12?s3cret=1@db/shop", "parameter 1 is not one that is understood")]
    [InlineData("postgresql://app:pw@db/shop?sslmode=require&s3cret=1", "parameter 2 is not one that is understood")]
    [InlineData("postgresql://app:pw@db/shop?sslmode=s3cret", "its sslmode is not one of disable, allow")]
    [InlineData("postgresql://app:pw@db/shop?sslmode=1", "its sslmode is not one of disable, allow")]
    [InlineData("postgresql://app:pw@db/shop?connect_timeout=s3cret", "its connect_timeout is not a whole number")]
    [InlineData("postgresql://app:pw@db/shop?channel_binding=s3cret", "its channel_binding is not one of disable, prefer, require")]
    [InlineData("postgresql://app:s3cret@[::1/shop", "no closing ']'")]
    [InlineData("postgresql://app:s3cret@[::1]x/shop", "goes on after ']'")]
    [InlineData("postgresql://app:s3cret@a,b/shop", "several hosts")]
    [InlineData("postgresql://app:s3cret@d b/shop", "its host has a character")]
    [InlineData("postgresql://app:s3cret@db/sh%00op", "its database holds %00")]
    [InlineData("host=db password=s3cret dbname=shop", "its host has a character")]
    [InlineData("Host=db;Passwort=s3cret", "one of its keywords or values is wrong")]
    [InlineData("Host=db;Port=s3cret", "one of its keywords or values is wrong")]
    public void Of_what_cannot_be_read_only_the_failing_part_is_named(string text, string part)
    {
        var failure = Assert.Throws<DeepSightException>(() => DatabaseUrl.Parse(text, "DATABASE_URL"));

        Assert.Equal(FailureKind.InvalidInput, failure.Kind);
        Assert.StartsWith("DATABASE_URL can't be read: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(part, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", failure.ToString() + failure.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgresql://app:pw@/shop?host=db:5433", "its host has a port in it")]
    [InlineData("host=db dbname=shop user=app", "keywords (host=")]
    [InlineData("jdbc:postgresql://db/shop?user=app", "form is postgresql://")]
    [InlineData("'postgresql://app:pw@db/shop'", "without quotes around it")]
    [InlineData("postgresql://app:a/b@db.internal:5432/shop", "/ as %2F")]
    public void A_form_that_would_be_read_otherwise_is_refused_with_the_form_that_is_meant_through_the_settings_too(string text, string part)
    {
        var failure = Assert.Throws<DeepSightException>(() => DatabaseUrl.Parse(text, "DATABASE_URL"));
        var settings = DeepSightSettings.Load(new Core.Settings.SettingsSource().Add([KeyValuePair.Create("DATABASE_URL", (string?)text)], "tests"));

        Assert.Contains(part, failure.Message + failure.Hint, StringComparison.Ordinal);
        Assert.Contains(part, Assert.Single(settings.Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgresql://app:pw@[fe80::1%25eth0]:6000/shop", "fe80::1%eth0")]
    [InlineData("postgresql://app:pw@a.b.c/shop?host=other", "other")]
    public void A_host_is_read_as_libpq_reads_it(string text, string host) => Assert.Equal(host, DatabaseUrl.Parse(text, "DATABASE_URL").Host);

    [Fact]
    public void An_unresolved_Key_Vault_reference_is_named_as_such()
    {
        var failure = Assert.Throws<DeepSightException>(() =>
            DatabaseUrl.Parse("@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/db)", "DATABASE_URL"));

        Assert.Contains("Key Vault reference that was not resolved", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("vault.azure.net", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgresql://app:s3cret@db.internal/shop?options=-c%20a%3Ds3cret", "postgresql://app@db.internal:5432/shop", "shop on db.internal:5432", "db.internal:5432/shop")]
    [InlineData("postgresql://a%40b:s3cret@[::1]:1/sh%2Fop", "postgresql://a%40b@[::1]:1/sh%2Fop", "sh/op on [::1]:1", "[::1]:1/sh/op")]
    [InlineData("postgresql://app:s3cret@%2Frun%2Fpg/shop", "postgresql://app@%2Frun%2Fpg:5432/shop", "shop on /run/pg:5432", "/run/pg:5432/shop")]
    public void Its_text_forms_leave_the_password_out(string text, string masked, string display, string target)
    {
        var url = DatabaseUrl.Parse(text, "DATABASE_URL");

        Assert.Equal((masked, display, target), (url.ToString(), url.Display, url.Target));
        Assert.DoesNotContain("s3cret", System.Text.Json.JsonSerializer.Serialize(url with { Options = null }), StringComparison.Ordinal);
    }

    [Fact]
    public void What_it_prints_reads_back_as_the_same_place()
    {
        var url = DatabaseUrl.Parse("postgresql://a%40b:pw@[::1]:1/sh%2Fop", "DATABASE_URL");

        Assert.Equal(url with { Password = null }, DatabaseUrl.Parse(url.ToString(), "DATABASE_URL"));
    }

    [Fact]
    public void The_database_id_depends_on_host_port_and_database_alone()
    {
        var url = DatabaseUrl.Parse("postgresql://app:pw@DB.internal/shop", "DATABASE_URL");

        Assert.Equal("490f35ab9146", url.DatabaseId);
        Assert.Equal(url.DatabaseId, DatabaseUrl.Parse("Host=db.internal;Username=other;Database=shop", "DATABASE_URL").DatabaseId);
        Assert.NotEqual(url.DatabaseId, url.WithDatabase("Shop").DatabaseId);
        Assert.NotEqual(url.DatabaseId, DatabaseUrl.Parse("postgresql://app:pw@db.internal:5433/shop", "DATABASE_URL").DatabaseId);
    }

    [Theory]
    [InlineData("postgresql://app:pw@db/shop", null)]
    [InlineData("postgresql://app:pw@monorail.proxy.rlwy.net:12345/railway", SslMode.Require)]
    [InlineData("postgresql://app:pw@monorail.proxy.rlwy.net:12345/railway?sslmode=verify-full", SslMode.VerifyFull)]
    [InlineData("postgresql://app:pw@monorail.proxy.rlwy.net:12345/railway?sslmode=disable", SslMode.Disable)]
    [InlineData("postgresql://app:pw@proxy.rlwy.net.example.org/railway", null)]
    [InlineData("postgresql+asyncpg://app:pw@db/shop?ssl=verify-ca", SslMode.VerifyCA)]
    [InlineData("postgresql://app:pw@db/shop?ssl=true", SslMode.Require)]
    [InlineData("Host=db;Username=app;SSL Mode=Require", SslMode.Require)]
    [InlineData("Host=x.proxy.rlwy.net;Username=app", SslMode.Require)]
    public void Railways_proxy_needs_TLS_unless_the_URL_says_more(string text, SslMode? mode) =>
        Assert.Equal(mode, DatabaseUrl.Parse(text, "DATABASE_URL").SslMode);

    [Fact]
    public void Parameters_of_other_libraries_are_passed_over() =>
        DatabaseUrl.Parse("postgresql://app:pw@db/shop?pgbouncer=true&connection_limit=5&application_name=web&target_session_attrs=read-write", "DATABASE_URL");

    [Fact]
    public void The_tools_get_everything_by_environment()
    {
        var environment = DatabaseUrl
            .Parse("postgresql://app:p%20w@[::1]:6000/shop?sslmode=verify-ca&sslrootcert=/ca.pem&options=-c%20search_path%3Dx&connect_timeout=7&channel_binding=require", "DATABASE_URL")
            .ToLibpqEnvironment("deepsight backup");

        Assert.Equal(new Dictionary<string, string>
        {
            ["PGHOST"] = "::1",
            ["PGPORT"] = "6000",
            ["PGUSER"] = "app",
            ["PGPASSWORD"] = "p w",
            ["PGDATABASE"] = "shop",
            ["PGSSLMODE"] = "verify-ca",
            ["PGSSLROOTCERT"] = "/ca.pem",
            ["PGOPTIONS"] = "-c search_path=x",
            ["PGCONNECT_TIMEOUT"] = "7",
            ["PGCHANNELBINDING"] = "require",
            ["PGGSSENCMODE"] = "disable",
            ["PGCLIENTENCODING"] = "UTF8",
            ["PGTZ"] = "UTC",
            ["PGAPPNAME"] = "deepsight backup",
        }, environment);
    }

    [Theory]
    [InlineData("verify-full")]
    [InlineData("verify-full&sslrootcert=system")]
    public void A_verified_certificate_needs_authorities_by_name(string mode)
    {
        var environment = DatabaseUrl.Parse($"postgresql://app@db/shop?sslmode={mode}", "DATABASE_URL").ToLibpqEnvironment();

        Assert.True(File.Exists(environment["PGSSLROOTCERT"]), "libpq 15 knows no sslrootcert=system");
    }

    [Fact]
    public void Npgsql_gets_the_same_and_no_pool()
    {
        var builder = DatabaseUrl.Parse("postgresql://app:pw@db:6000/shop?sslmode=require&connect_timeout=7", "DATABASE_URL").ToNpgsql("deepsight backup");

        Assert.Equal(("db", 6000, "app", "pw", "shop"), (builder.Host, builder.Port, builder.Username, builder.Password, builder.Database));
        Assert.Equal((SslMode.Require, 7, false, "deepsight backup"), (builder.SslMode, builder.Timeout, builder.Pooling, builder.ApplicationName));
    }

    [Fact]
    public void Jobs_prefer_the_direct_way_and_health_the_applications()
    {
        var settings = new DatabaseSettings { Url = "postgresql://app@pooler/shop", DirectUrl = "postgresql://app@db/shop" };

        Assert.Equal(("db", "pooler"), (settings.ForJobs().Host, settings.ForHealth().Host));
        Assert.Equal("pooler", new DatabaseSettings { Url = settings.Url }.ForJobs().Host);
    }

    [Fact]
    public void A_missing_setting_is_named()
    {
        var failure = Assert.Throws<DeepSightException>(() => new DatabaseSettings().ForJobs());

        Assert.Equal((FailureKind.InvalidInput, "DATABASE_URL is not set."), (failure.Kind, failure.Message));
    }
}
