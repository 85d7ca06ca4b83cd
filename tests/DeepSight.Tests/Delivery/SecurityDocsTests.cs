using System.Text.Json.Nodes;
using Amazon.S3.Model;
using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Storage;
using DeepSight.Core.Storage.S3;
using DeepSight.Core.Storage.Transfers;
using DeepSight.Tests.Cli;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace DeepSight.Tests.Delivery;

/// <summary>The roles and the policy of docs/security.md can do what they are for, and no more.</summary>
public sealed class SecurityDocsTests(PostgresServers servers, S3Server s3) : IDisposable
{
    private const string S3Secret = "the-secret-of-the-documented-user";

    private readonly TemporaryFolder folder = new();
    private readonly string suffix = Guid.NewGuid().ToString("n")[..8];

    public void Dispose() => folder.Dispose();

    public static TheoryData<int> Majors => Matrix.IsFull ? [14, 15, 16, 17, 18] : [14, 18];

    public static TheoryData<int> Newest => Matrix.IsFull ? [14, 15, 16, 17, 18] : [18];

    private string Owner => $"app_owner_{suffix}";

    private string Backups => Path.Combine(folder.Path, "backups");

    [Theory]
    [MemberData(nameof(Majors))]
    public async Task The_backup_role_can_back_up_probe_and_retire_and_write_nothing(int major)
    {
        var database = await AppAsync(major);
        await SecurityDocs.RunAsync(database, "backup role; run this", suffix);
        await SecurityDocs.RunAsync(database, "backup role, where there are large objects", suffix);
        await SecurityDocs.RunAsync(database, "everyone; optional", suffix);
        var role = SecurityDocs.As(database, "deepsight_backup", suffix);

        // The tables with row level security: first without, then with the step that they need.
        (await RunAsync(role, "backup")).FailedWith(1, "row-level security", "BYPASSRLS");
        await SecurityDocs.RunAsync(database, "backup role, where tables have row level security", suffix);
        var manifest = (await RunAsync(role, "backup", "--json")).EndedWith(0).Json.GetProperty("manifest");

        Assert.Equal(
            [("inner.closed", 2L), ("public.kept", 3L), ("public.per_tenant", 2L)],
            manifest.GetProperty("tables").EnumerateArray().Select(table => (table.GetProperty("name").GetString()!, table.GetProperty("rows").GetInt64())).Order());
        Assert.Equal("healthy", (await RunAsync(role, "health")).EndedWith(0).Json.GetProperty("database").GetProperty("status").GetString());
        (await RunAsync(role, "doctor")).EndedWith(0);
        (await RunAsync(role, "retention")).EndedWith(0);
        await using var administrator = await database.OpenAsync();
        await RefusesAsync(role,
            "insert into kept values (4)", "update kept set id = 5", "delete from kept", "truncate kept", "drop table kept", "alter table kept add column more int",
            "create table mine (id int)", "create schema mine", "create temporary table mine (id int)", $"create database mine_{suffix}", $"create role mine_{suffix}",
            "select nextval('numbers')", "copy kept to program 'id'", "select pg_read_file('postgresql.conf')",
            $"grant pg_write_all_data to {role.User}", $"alter database {database.Database} rename to other_{suffix}",
            $"select pg_terminate_backend({administrator.ProcessID})");
    }

    [Theory]
    [MemberData(nameof(Newest))]
    public async Task The_restore_role_can_restore_in_every_mode_and_has_no_rights_beyond_the_owners(int major)
    {
        var database = await AppAsync(major);
        await SecurityDocs.RunAsync(database, "restore role; run this", suffix);
        var role = SecurityDocs.As(database, "deepsight_restore", suffix);
        (await RunAsync(role, "backup")).EndedWith(0);

        foreach (var mode in new[] { new[] { "--mode", "swap" }, ["--mode", "in-place", "--clean"] })
        {
            await database.ExecuteAsync("delete from kept; insert into \"inner\".closed values (3)");
            (await RunAsync(role, ["restore", "--latest", "--yes", .. mode])).EndedWith(0);
            Assert.Equal((3L, 2L), (await database.AskAsync<long>("select count(*) from kept"), await database.AskAsync<long>("select count(*) from \"inner\".closed")));
            Assert.Equal([Owner], await OwnersAsync(database));
        }

        // What the backup role may not drop is told and stays; the restore role can still take it back.
        await SecurityDocs.RunAsync(database, "backup role; run this", suffix);
        var retired = await RunAsync(SecurityDocs.As(database, "deepsight_backup", suffix), ["retention"], ("RESTORE_KEEP_PREVIOUS_DAYS", "0"));
        Assert.Contains("could not be dropped", retired.EndedWith(0).Output, StringComparison.Ordinal);

        (await RunAsync(role, "restore", "--undo", "--yes")).EndedWith(0);
        Assert.Equal(0L, await database.AskAsync<long>("select count(*) from kept"));
        (await RunAsync(role, "restore", "--latest", "--yes", "--into", $"beside_{suffix}")).EndedWith(0);
        Assert.Equal(3L, await database.WithDatabase($"beside_{suffix}").AskAsync<long>("select count(*) from kept"));
        await using var administrator = await database.OpenAsync();
        await RefusesAsync(role, $"create role mine_{suffix}", "drop database postgres", "create extension file_fdw", "alter system set work_mem = '8MB'",
            "copy kept to program 'id'", "select pg_read_file('postgresql.conf')", $"alter role {role.User} superuser",
            $"select pg_terminate_backend({administrator.ProcessID})");
    }

    [Fact]
    public async Task The_policy_allows_all_that_jobs_ask_of_the_bucket_and_nothing_beside_the_prefix()
    {
        await using var bucket = await S3TestBucket.CreateAsync(s3);
        await s3.AdminAsync("user", "create", "--uid", suffix, "--display-name", suffix, "--access-key", suffix.ToUpperInvariant(), "--secret-key", S3Secret);
        await bucket.Client.PutBucketPolicyAsync(new PutBucketPolicyRequest { BucketName = bucket.Name, Policy = PolicyOf(bucket.Name) }, TestContext.Current.CancellationToken);
        var settings = new S3Settings
        {
            Endpoint = bucket.Access.Endpoint,
            AccessKeyId = suffix.ToUpperInvariant(),
            SecretAccessKey = S3Secret,
            Bucket = bucket.Name,
            Prefix = S3TestBucket.Prefix,
        };
        using var inside = Open(settings);

        Assert.DoesNotContain(await inside.CheckAsync(lastBackupBytes: null, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken), check => check.Outcome == CheckOutcome.Failed);
        // In parts, which is how a backup is written.
        await inside.UploadAsync("deepsight_20260212_030000.sql.gz", StoreExtensions.Bytes(9_000_000), pieces: 3);
        Assert.Equal(9_000_000, (await inside.ReadAsync("deepsight_20260212_030000.sql.gz")).Length);
        await inside.DeleteAsync(["deepsight_20260212_030000.sql.gz"], TestContext.Current.CancellationToken);
        Assert.Empty(await inside.NamesAsync());

        using var beside = Open(new S3Settings
        {
            Endpoint = settings.Endpoint,
            AccessKeyId = settings.AccessKeyId,
            SecretAccessKey = settings.SecretAccessKey,
            Bucket = settings.Bucket,
            Prefix = "elsewhere/",
        });
        var refused = await Assert.ThrowsAsync<DeepSightException>(() => beside.UploadAsync("deepsight_20260212_030000.sql.gz", "x"u8.ToArray()));
        Assert.Contains("s3:PutObject", refused.Message, StringComparison.Ordinal);
    }

    private static S3BackupStore Open(S3Settings settings) => new(settings, new StorePatience(), TimeProvider.System, NullLogger.Instance);

    /// <summary>As a bucket's own policy, which names whom it is for; a user's policy doesn't.</summary>
    private string PolicyOf(string bucket)
    {
        var policy = JsonNode.Parse(SecurityDocs.Policy.Replace("arn:aws:s3:::deepsight-backups", $"arn:aws:s3:::{bucket}", StringComparison.Ordinal))!;
        foreach (var statement in policy["Statement"]!.AsArray())
            statement!["Principal"] = new JsonObject { ["AWS"] = $"arn:aws:iam:::user/{suffix}" };
        return policy.ToJsonString();
    }

    /// <summary>What makes a backup role stumble: schemas and tables that nobody was granted, row level security, large objects.</summary>
    private async Task<DatabaseUrl> AppAsync(int major)
    {
        var database = await servers.NewDatabaseAsync(major, $"""
            create role {Owner};
            create schema "inner";
            create table kept (id int primary key);
            insert into kept select generate_series(1, 3);
            create sequence numbers;
            create table "inner".closed as select n from generate_series(1, 2) n;
            create table per_tenant (tenant text);
            insert into per_tenant values ('a'), ('b');
            alter table per_tenant enable row level security;
            create policy own on per_tenant using (tenant = current_user);
            do $$ begin execute format('alter large object %s owner to {Owner}', lo_from_bytea(0, '\x0102')); end $$;
            """);
        await database.ExecuteAsync($"""
            alter database {database.Database} owner to {Owner};
            alter table kept owner to {Owner};
            alter sequence numbers owner to {Owner};
            alter schema "inner" owner to {Owner};
            alter table "inner".closed owner to {Owner};
            alter table per_tenant owner to {Owner};
            """);
        return database;
    }

    /// <summary>Of the database and of everything in it that is not the system's.</summary>
    private static async Task<IReadOnlyList<string>> OwnersAsync(DatabaseUrl database) => await database.AskAsync<string[]>("""
        select array(select pg_get_userbyid(datdba)::text from pg_database where datname = current_database()
                     union select pg_get_userbyid(relowner)::text from pg_class c join pg_namespace n on n.oid = relnamespace where nspname in ('public', 'inner') and relkind in ('r', 'S')
                     union select pg_get_userbyid(nspowner)::text from pg_namespace where nspname = 'inner'
                     union select pg_get_userbyid(lomowner)::text from pg_largeobject_metadata)
        """);

    private static async Task RefusesAsync(DatabaseUrl role, params string[] statements)
    {
        foreach (var statement in statements)
        {
            var refusal = await Record.ExceptionAsync(() => role.ExecuteAsync(statement));
            Assert.True(refusal is PostgresException { SqlState: "42501" }, $"{statement}: {refusal?.Message ?? "was allowed"}");
        }
    }

    private Task<CommandResult> RunAsync(DatabaseUrl database, params string[] arguments) => RunAsync(database, arguments, []);

    private Task<CommandResult> RunAsync(DatabaseUrl database, string[] arguments, params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string> { ["DATABASE_URL"] = database.Whole(), ["BACKUP_DIR"] = Backups, ["MIGRATIONS_AUTO"] = "off" };
        foreach (var (name, value) in more) settings[name] = value;
        return CommandProcess.RunAsync(settings, arguments);
    }
}
