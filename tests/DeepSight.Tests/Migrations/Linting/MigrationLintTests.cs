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

    [Fact]
    public async Task Statements_of_alembic_about_its_own_table_are_named_both_ways()
    {
        using var scripts = new ScriptsOnDisk()
            .Revision("0001_a", "",
                """
                CREATE TABLE alembic_version (
                    version_num VARCHAR(32) NOT NULL,
                    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
                );
                CREATE TABLE t (id SERIAL NOT NULL);
                INSERT INTO alembic_version (version_num) VALUES ('001') RETURNING alembic_version.version_num;
                """,
                """
                DROP TABLE t;
                DELETE FROM app.alembic_version WHERE alembic_version.version_num = '001';
                DROP TABLE alembic_version;
                """)
            .Revision("0002_b", "",
                "-- lint: allow alembic-version: Alembic is gone\nALTER TABLE IF EXISTS alembic_version ADD note text;",
                "SELECT version_num FROM alembic_version;");

        var findings = MigrationLint.Check(await MigrationSources.LoadAsync(scripts.Effective, CancellationToken.None), null);

        Assert.All(findings, finding => Assert.Equal("alembic-version", finding.Rule.Name));
        Assert.Equal(["up/0001_a.sql", "up/0001_a.sql", "down/0001_a.sql", "down/0001_a.sql"], findings.Select(finding => finding.File));
    }

    [Theory]
    [InlineData("update alembic_version set version_num='002' where alembic_version.version_num = '001';")]
    [InlineData("truncate table only public.alembic_version;")]
    public async Task A_change_of_alembics_version_is_named(string sql)
        => Assert.Equal("alembic-version", Assert.Single(await LintAsync(sql)).Rule.Name);

    private static async Task<IReadOnlyList<LintFinding>> LintAsync(string sql)
    {
        using var scripts = new ScriptsOnDisk().Revision("0001_a", "", sql, "select 1;");
        return MigrationLint.Check(await MigrationSources.LoadAsync(scripts.Effective, CancellationToken.None), null);
    }
}
