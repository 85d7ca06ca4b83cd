using DeepSight.Core;
using DeepSight.Core.Migrations;
using DeepSight.Core.Migrations.Linting;

namespace DeepSight.Tests.Migrations.Linting;

public sealed class MigrationLintTests
{
    [Theory]
    [InlineData("create index i on t (a);", "index-not-concurrent")]
    [InlineData("create unique index on only public.t (a);", "index-not-concurrent")]
    [InlineData("drop index if exists i;", "drop-index-not-concurrent")]
    [InlineData("alter table t alter column a set not null;", "set-not-null")]
    [InlineData("alter table t alter a type bigint using a::bigint;", "type-rewrite")]
    [InlineData("alter table only t alter column a set data type bigint;", "type-rewrite")]
    [InlineData("alter table t add constraint f foreign key (a) references u (id);", "foreign-key-not-valid")]
    [InlineData("alter table t add foreign key (a) references u (id);", "foreign-key-not-valid")]
    [InlineData("alter table t add constraint c check (a > 0);", "check-not-valid")]
    [InlineData("alter table t add constraint c unique (a);", "unique-without-index")]
    [InlineData("alter table t add primary key (a);", "unique-without-index")]
    [InlineData("alter table t add column b uuid not null default gen_random_uuid();", "volatile-default")]
    [InlineData("alter table t add b bigserial;", "volatile-default")]
    [InlineData("alter table t add b int generated always as (a + 1) stored;", "volatile-default")]
    [InlineData("alter table t add b int not null;", "not-null-without-default")]
    [InlineData("alter table t rename column a to b;", "rename")]
    [InlineData("alter table if exists t rename to u;", "rename")]
    [InlineData("alter table t drop column a, drop constraint c;", "drop-used")]
    [InlineData("drop table t;", "drop-used")]
    [InlineData("cluster t;", "rewrite")]
    [InlineData("lock table t;", "rewrite")]
    [InlineData("refresh materialized view v;", "refresh-not-concurrent")]
    [InlineData("update t set a = 1;", "whole-table")]
    [InlineData("alter table t add b int default 1, add c int not null;", "not-null-without-default")]
    [InlineData("commit;", "not-runnable")]
    [InlineData("create index concurrently i on t (a);", "not-runnable")]
    [InlineData("-- transaction: off\ncreate index concurrently on t (a);", "not-runnable")]
    public async Task A_hazard_is_found(string sql, string rule)
    {
        var finding = Assert.Single(await LintAsync(sql));

        Assert.Equal(rule, finding.Rule.Name);
        Assert.Equal("up/0001_a.sql", finding.File);
    }

    [Theory]
    [InlineData("create table t (a int unique references u (id), check (a > 0));\ncreate index on t (a);\nalter table t alter a set not null;")]
    [InlineData("create table if not exists s.\"T\" (a int);\ncreate index on s.\"T\" (a);")]
    [InlineData("-- transaction: off\ncreate index concurrently i on t (a);")]
    [InlineData("alter table t add b int, add c text default 'x (y)', add d timestamptz not null default now();")]
    [InlineData("alter table t add constraint f foreign key (a) references u (id) not valid;")]
    [InlineData("alter table t add constraint c unique using index i;")]
    [InlineData("alter table t validate constraint c;")]
    [InlineData("update t set a = 1 where a is null;")]
    [InlineData("select 'drop table t';\n/* drop table t; */")]
    [InlineData("do $$ begin execute 'drop table t'; end $$;")]
    public async Task What_makes_nobody_wait_is_left_alone(string sql) => Assert.Empty(await LintAsync(sql));

    [Fact]
    public async Task Not_null_is_safe_once_a_check_was_validated()
    {
        using var scripts = new ScriptsOnDisk()
            .Revision("0001_a", "", "alter table t add constraint c check (a is not null) not valid;", "select 1;")
            .Revision("0002_b", "", "alter table t validate constraint c;", "select 1;")
            .Revision("0003_c", "", "alter table t alter a set not null;", "select 1;");

        Assert.Empty(MigrationLint.Check(await MigrationSources.LoadAsync(scripts.Effective, CancellationToken.None), null));
    }

    [Fact]
    public async Task A_hazard_can_be_accepted_by_name_but_not_by_a_wrong_one()
    {
        Assert.Empty(await LintAsync("-- lint: allow drop-used, rename: nobody used it\ndrop table t;\nalter table u rename to v;"));
        Assert.Single(await LintAsync("-- lint: allow rename\ndrop table t;"));

        var refused = await Assert.ThrowsAsync<DeepSightException>(() => LintAsync("-- lint: allow drop-use\ndrop table t;"));
        Assert.Equal("did you mean 'drop-used'?", refused.Hint);
    }

    [Fact]
    public async Task Files_need_a_way_back_and_names_in_order()
    {
        using var scripts = new ScriptsOnDisk()
            .Revision("0003_a", "revision: a; down_revision:", "select 1;", null)
            .Revision("0002_b", "revision: b; down_revision: a", "select 1;", "-- nothing\n")
            .Revision("0004_c", "revision: c; down_revision: b; irreversible: because", "select 1;", null)
            .Write("down/0009_gone.sql", "select 1;");

        var findings = MigrationLint.Check(await MigrationSources.LoadAsync(scripts.Effective, CancellationToken.None), null);

        Assert.Equal(
            ["up/0002_b.sql name-order", "down/0002_b.sql empty-down", "up/0003_a.sql missing-down", "down/0009_gone.sql stray-down"],
            findings.Select(finding => $"{finding.File} {finding.Rule.Name}"));
    }

    [Theory]
    [InlineData("create table alembic_version (version_num varchar(32) not null);")]
    [InlineData("insert into alembic_version (version_num) values ('1') returning alembic_version.version_num;")]
    [InlineData("update alembic_version set version_num='002' where alembic_version.version_num = '001';")]
    [InlineData("delete from app.alembic_version where alembic_version.version_num = '001';")]
    [InlineData("truncate table only public.alembic_version;")]
    public async Task What_writes_Alembics_own_table_is_not_runnable(string sql) =>
        Assert.Contains("alembic_version", Assert.Single(await LintAsync(sql), finding => finding.Rule.IsError).What, StringComparison.Ordinal);

    [Theory]
    [InlineData("copy (select 1) to stdout;")]
    [InlineData("copy t (a) to stdin with (format csv);")]
    [InlineData("reindex schema public;")]
    [InlineData("reindex (verbose) database;")]
    [InlineData("cluster;")]
    [InlineData("cluster (verbose);")]
    [InlineData("discard all;")]
    [InlineData("create subscription s connection 'host=x' publication p with (copy_data = false);")]
    [InlineData("drop subscription s;")]
    [InlineData("alter database d set tablespace other;")]
    [InlineData("insert into t values ($1);")]
    public async Task What_a_run_would_refuse_is_found(string sql)
    {
        Assert.Contains(await LintAsync(sql), finding => finding.Rule.Name == "not-runnable");
        using var down = new ScriptsOnDisk().Revision("0001_a", "", "select 1;", sql);
        Assert.Equal("down/0001_a.sql", Assert.Single(MigrationLint.Check(await MigrationSources.LoadAsync(down.Effective, CancellationToken.None), null)).File);
    }

    [Theory]
    [InlineData("copy t to '/tmp/t';")]
    [InlineData("create subscription s connection 'host=x' publication p with (connect = false);")]
    [InlineData("prepare q (int) as select $1;")]
    [InlineData("create function f(int) returns int return $1;")]
    [InlineData("do $$ begin execute 'select $1' using 1; end $$;\nselect '$1', $a$ $1 $a$;")]
    [InlineData("select version_num from alembic_version;")]
    public async Task What_only_looks_like_it_is_left_alone(string sql) => Assert.Empty(await LintAsync(sql));

    [Fact]
    public async Task A_revision_without_statements_and_headers_in_the_wrong_place_are_found()
    {
        using var scripts = new ScriptsOnDisk()
            .Revision("0001_a", "revision: a; down_revision:", "", "")
            .Revision("0002_b", "revision: b; down_revision: a", "select 1;\n-- depends-on: a\n-- message: not read", "select 1;")
            .Revision("0003_c", "revision: c; down_revision: a", "select 1;", "set search_path = public;\n-- transaction: off\nselect 1;")
            .Revision("0004_d", "revision: d; down_revision: b, c", "", "");

        var findings = MigrationLint.Check(await MigrationSources.LoadAsync(scripts.Effective, CancellationToken.None), null);

        Assert.Equal(["up/0001_a.sql empty-up 0", "up/0002_b.sql late-header 4", "down/0003_c.sql late-header 2"],
            findings.Select(finding => $"{finding.File} {finding.Rule.Name} {finding.Line}"));
    }

    private static async Task<IReadOnlyList<LintFinding>> LintAsync(string sql)
    {
        using var scripts = new ScriptsOnDisk().Revision("0001_a", "", sql, "select 1;");
        return MigrationLint.Check(await MigrationSources.LoadAsync(scripts.Effective, CancellationToken.None), null);
    }
}
