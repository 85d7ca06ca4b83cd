using System.Text;
using DeepSight.Core.Dumps;
using DeepSight.Core.Restore;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Restore;

/// <summary>What ALTER ROLE, ALTER DATABASE and event triggers set up for applications bites a restore as well.</summary>
public sealed class HostileSettingsTests(PostgresServers servers)
{
    /// <summary>pg_dump is made to write it as in the locale C; in others '$1,234.50' is no amount, or another one.</summary>
    private const string MoneyIsReadAsItWasWritten = "do $$ begin if current_setting('lc_monetary') <> 'C' then raise exception 'money is read as in %', current_setting('lc_monetary'); end if; end $$;\n";

    [Theory]
    [MemberData(nameof(RestoreJobTests.Modes), MemberType = typeof(RestoreJobTests))]
    public async Task Limits_and_defaults_of_the_role_neither_stop_nor_mislead(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var (super, target) = await servers.NewOwnedAsync("createdb");
        var role = target.User;
        await world.BackUpAsync(target);
        var whole = await DumpFiles.SummarizeAsync(target);
        var text = Encoding.UTF8.GetString(await DumpFiles.MakeAsync(target));
        var source = new SlowSource(await DumpFiles.FileAsync(Encoding.UTF8.GetBytes(
            text.Insert(text.LastIndexOf("--\n-- PostgreSQL database dump complete", StringComparison.Ordinal), "RESET ALL;\nselect pg_sleep(1);\n" + MoneyIsReadAsItWasWritten))));
        await target.ExecuteAsync("delete from videos");
        await super.ExecuteAsync(
            $"""
            alter role {role} set default_transaction_read_only = on; alter role {role} set default_transaction_isolation = 'serializable';
            alter role {role} set statement_timeout = '500ms'; alter role {role} set lock_timeout = '10ms';
            alter role {role} set idle_session_timeout = '400ms'; alter role {role} set idle_in_transaction_session_timeout = '400ms';
            alter role {role} set transaction_timeout = '500ms'; alter role {role} set standard_conforming_strings = off;
            alter role {role} set datestyle = 'German'; alter role {role} set intervalstyle = 'sql_standard'; alter role {role} set client_encoding = 'LATIN1';
            alter role {role} set lc_monetary = 'C.UTF-8';
            """);

        var result = await world.RestoreAsync(world.Over(target, source, RestoreJobTests.Options(mode, target)) with { TrustStatements = true });

        await super.ExecuteAsync($"alter role {role} reset all");
        Assert.Equal([], DumpComparison.Of(whole, await DumpFiles.SummarizeAsync(super.WithDatabase(result.Plan.ResultName))).Differences);
        if (mode == RestoreMode.Swap)
        {
            await super.ExecuteAsync($"alter role {role} set default_transaction_read_only = on");
            await world.UndoAsync(target);
            Assert.Equal(0, await super.AskAsync<long>("select count(*) from videos"));
        }
    }

    [Theory]
    [MemberData(nameof(RestoreJobTests.Modes), MemberType = typeof(RestoreJobTests))]
    public async Task A_search_path_before_the_systems_own_is_not_followed(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        await world.BackUpAsync(target);
        await target.ExecuteAsync(
            """
            create schema evil;
            create function evil.fail() returns boolean language plpgsql as $$ begin raise exception 'a trap was called'; end $$;
            create function evil.pg_has_role(oid, text) returns boolean language sql as 'select evil.fail()';
            create function evil.current_setting(text) returns text language sql as 'select evil.fail()::text';
            create function evil.shobj_description(oid, name) returns text language sql as 'select evil.fail()::text';
            create function evil.to_regclass(text) returns regclass language sql as 'select evil.fail()::text::regclass';
            """);
        await target.ExecuteAsync($"alter database {target.Database} set search_path = evil, pg_catalog");

        var result = await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(mode, target)));

        Assert.Equal(3000, await target.WithDatabase(result.Plan.ResultName).AskAsync<long>("select count(*) from public.videos"));
    }

    [Theory]
    [MemberData(nameof(RestoreJobTests.Modes), MemberType = typeof(RestoreJobTests))]
    public async Task An_event_trigger_that_forbids_all_ddl_is_restored(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        await target.ExecuteAsync(
            """
            create table ddl (tag text);
            create function forbid() returns event_trigger language plpgsql as $$ begin insert into public.ddl values (tg_tag); raise exception 'no % without a ticket', tg_tag; end $$;
            create function log() returns event_trigger language plpgsql as $$ begin insert into public.ddl values (tg_tag); end $$;
            grant select on videos to pg_monitor;
            create event trigger forbid on ddl_command_start execute function forbid();
            """);
        await world.BackUpAsync(target);
        var whole = await DumpFiles.SummarizeAsync(target);
        await target.ExecuteAsync("delete from videos");

        var result = await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(mode, target)));

        var restored = target.WithDatabase(result.Plan.ResultName);
        Assert.Equal([], DumpComparison.Of(whole, await DumpFiles.SummarizeAsync(restored)).Differences);
        Assert.True(await restored.AskAsync<bool>("select has_table_privilege('pg_monitor', 'videos', 'select')"));
    }

    /// <summary>Its first block comes only after the idle limits.</summary>
    private sealed class SlowSource : DumpSource
    {
        private readonly DumpSource source;

        public SlowSource(DumpSource source)
        {
            this.source = source;
            (Manifest, TakenAt) = (source.Manifest, source.TakenAt);
        }

        public override string Name => source.Name;

        public override string Location => source.Location;

        public override long StoredBytes => source.StoredBytes;

        public override async Task<Stream> OpenAsync(CancellationToken cancellationToken)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
            return await source.OpenAsync(cancellationToken);
        }

        public override Task<Stream?> OpenAccessAsync(CancellationToken cancellationToken) => source.OpenAccessAsync(cancellationToken);
    }
}
