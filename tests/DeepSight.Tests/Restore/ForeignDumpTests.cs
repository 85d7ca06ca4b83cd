using System.Text;
using DeepSight.Core;
using DeepSight.Core.Dumps;
using DeepSight.Core.Restore;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Restore;

/// <summary>Dumps made by other means than ours: what they would do beyond the database that is restored.</summary>
public sealed class ForeignDumpTests(PostgresServers servers)
{
    /// <summary>As <c>pg_dump --clean --create</c>, <c>pg_dumpall</c> and people write them.</summary>
    public static TheoryData<RestoreMode, string> Reaching =>
    [
        (RestoreMode.Swap, "DROP DATABASE {0};"),
        (RestoreMode.Into, "DROP DATABASE IF EXISTS {0};"),
        (RestoreMode.InPlace, "DROP DATABASE {0};"),
        (RestoreMode.Swap, "ALTER DATABASE {0} CONNECTION LIMIT 0;"),
        (RestoreMode.Swap, "CREATE DATABASE {0}_more;"),
        (RestoreMode.Swap, "ALTER ROLE {0} PASSWORD 'other';"),
        (RestoreMode.Into, "drop user if exists {0};"),
        (RestoreMode.InPlace, "ALTER ROLE {0} PASSWORD 'other';"),
        (RestoreMode.Swap, "/* all */ Alter System SET work_mem = '5MB';"),
        (RestoreMode.Swap, "DROP TABLESPACE IF EXISTS {0};"),
        (RestoreMode.Swap, "REASSIGN OWNED BY {0} TO postgres;"),
        (RestoreMode.Into, "DROP OWNED BY {0};"),
    ];

    [Theory]
    [MemberData(nameof(Reaching))]
    public async Task A_statement_that_reaches_beyond_the_database_is_refused(RestoreMode mode, string statement)
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        await target.ExecuteAsync($"create role {target.Database} password 'own'");
        var source = await WithAsync(await DumpFiles.MakeAsync(target), string.Format(null, statement, target.Database));
        var state = $"""
            select coalesce((select datconnlimit::text from pg_database where datname = '{target.Database}'), 'gone')
                || (select count(*) from pg_database where datname = '{target.Database}_more')
                || coalesce((select rolpassword from pg_authid where rolname = '{target.Database}'), 'gone')
            """;
        var before = await target.AskAsync<string>(state);

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(target, source, RestoreJobTests.Options(mode, target))));

        Assert.Equal(before, await target.WithDatabase("postgres").AskAsync<string>(state));
        Assert.Equal((FailureKind.Refused, true), (thrown.Kind, thrown.Message.Contains("line ", StringComparison.Ordinal)));
        Assert.Empty(await RestoreWorld.LeftoversAsync(target));
    }

    /// <summary>pg_dump up to 10 wrote the comment; <c>--create</c> writes the grants.</summary>
    [Theory]
    [MemberData(nameof(RestoreJobTests.Modes), MemberType = typeof(RestoreJobTests))]
    public async Task What_it_says_about_a_database_is_left_out_and_told(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        await target.ExecuteAsync($"comment on database {target.Database} is 'ours'");
        var source = await WithAsync(await DumpFiles.MakeAsync(target),
            $"COMMENT ON DATABASE {target.Database} IS 'theirs';\nREVOKE CONNECT, TEMPORARY ON DATABASE {target.Database} FROM PUBLIC;\nGRANT ALL ON DATABASE {target.Database} TO pg_monitor;");

        var result = await world.RestoreAsync(world.Over(target, source, RestoreJobTests.Options(mode, target)));

        Assert.Equal("ours", await target.AskAsync<string>("select coalesce(nullif(datacl, acldefault('d', datdba))::text, '') || shobj_description(oid, 'pg_database') from pg_database where datname = current_database()"));
        Assert.Contains(result.Notes, note => note.Contains("COMMENT ON DATABASE", StringComparison.Ordinal));
        Assert.Contains(result.Notes, note => note.Contains("GRANT … ON DATABASE", StringComparison.Ordinal));
    }

    /// <summary>Older versions of pg_dump and --use-set-session-authorization do so.</summary>
    [Theory]
    [MemberData(nameof(RestoreJobTests.Modes), MemberType = typeof(RestoreJobTests))]
    public async Task A_dump_that_ends_as_another_role_is_restored(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        var text = Encoding.UTF8.GetString(await DumpFiles.MakeAsync(target));
        await target.ExecuteAsync($"create role {target.Database}");
        var source = await DumpFiles.FileAsync(Encoding.UTF8.GetBytes(
            text.Insert(text.LastIndexOf("--\n-- PostgreSQL database dump complete", StringComparison.Ordinal), $"SET SESSION AUTHORIZATION '{target.Database}';\n\n")));

        var result = await world.RestoreAsync(world.Over(target, source, RestoreJobTests.Options(mode, target)));

        Assert.Equal(3000, await target.WithDatabase(result.Plan.ResultName).AskAsync<long>("select count(*) from videos"));
    }

    /// <summary>What a hand's pg_dump takes along of a database that was restored before.</summary>
    [Theory]
    [MemberData(nameof(RestoreJobTests.Modes), MemberType = typeof(RestoreJobTests))]
    public async Task A_dump_with_this_tools_own_records_is_restored_or_refused_with_what_to_do(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        await world.BackUpAsync(target);
        await world.RestoreAsync(world.Over(target));
        var dump = Encoding.UTF8.GetString(await DumpFiles.MakeAsync(target)).Replace("\n--\n-- Name: users;", "\nCREATE SCHEMA deepsight;\nCREATE TABLE deepsight.restores (request_id text PRIMARY KEY, backup text NOT NULL, mode text NOT NULL, "
            + "restored_at timestamptz NOT NULL DEFAULT now(), restored_by text NOT NULL DEFAULT CURRENT_USER);\nCOPY deepsight.restores (request_id, backup, mode) FROM stdin;\nold\told\tSwap\n\\.\n\n--\n-- Name: users;", StringComparison.Ordinal);
        Assert.Contains("COPY deepsight.restores", dump);
        var source = await DumpFiles.FileAsync(Encoding.UTF8.GetBytes(dump));

        if (mode == RestoreMode.InPlace)
        {
            var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(target, source, RestoreJobTests.Options(mode, target))));
            Assert.Equal((FailureKind.Refused, true), (thrown.Kind, thrown.Hint!.Contains("--exclude-table=deepsight.restores", StringComparison.Ordinal)));
        }
        else
        {
            var result = await world.RestoreAsync(world.Over(target, source, RestoreJobTests.Options(mode, target)));
            Assert.Equal(2, await target.WithDatabase(result.Plan.ResultName).AskAsync<long>("select count(*) from deepsight.restores"));
        }
    }

    /// <summary>After the first statements, which are settings; before any table.</summary>
    private static async Task<DumpSource> WithAsync(byte[] dump, string statements)
    {
        var text = Encoding.UTF8.GetString(dump);
        var at = text.IndexOf("\n--\n-- Name:", StringComparison.Ordinal);
        return await DumpFiles.FileAsync(Encoding.UTF8.GetBytes(text.Insert(at, "\n" + statements + "\n")));
    }
}
