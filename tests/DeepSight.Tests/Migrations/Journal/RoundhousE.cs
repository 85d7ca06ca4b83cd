using DeepSight.Core.Migrations;
using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Postgres;
using DeepSight.Tests.Servers;
using Npgsql;

namespace DeepSight.Tests.Migrations.Journal;

/// <summary>What RoundhousE leaves in a database: its tables, and rows whose ids it counted itself.</summary>
internal static class RoundhousE
{
    /// <param name="id">Of the ids: <c>serial</c> by its script; without a sequence where its ORM created the tables.</param>
    public static string Tables(string id) =>
        $"""
        create schema roundhouse;
        create table roundhouse.version (id {id}, repository_path varchar(255), version varchar(50),
            entry_date timestamp not null default current_timestamp, modified_date timestamp not null default current_timestamp, entered_by varchar(50),
            primary key (id));
        create table roundhouse.scriptsrun (id {id}, version_id bigint references roundhouse.version (id), script_name varchar(255), text_of_script text,
            text_hash varchar(512), one_time_script boolean, entry_date timestamp not null default current_timestamp,
            modified_date timestamp not null default current_timestamp, entered_by varchar(50), primary key (id));
        create table roundhouse.scriptsrunerrors (id {id}, repository_path varchar(255), version varchar(50), script_name varchar(255), text_of_script text,
            erroneous_part_of_script text, error_message text, entry_date timestamp not null default current_timestamp,
            modified_date timestamp not null default current_timestamp, entered_by varchar(50), primary key (id));
        """;

    /// <summary>Runs what is there to run, and journals it as RoundhousE does: bare file names, max + 1.</summary>
    public static async Task RunAsync(DatabaseUrl database, ScriptsOnDisk scripts)
    {
        var files = await MigrationSources.LoadAsync(scripts.Effective, database, CancellationToken.None);
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync("insert into roundhouse.version (id, version) values (1, '1.0')");
        foreach (var script in files.Scripts.Where(script => script.Runs != RunKind.Undo))
        {
            foreach (var statement in script.Statements) await connection.ExecuteAsync(statement.Text);
            await using var insert = new NpgsqlCommand(
                """
                insert into roundhouse.scriptsrun (id, version_id, script_name, text_of_script, text_hash, one_time_script)
                select coalesce(max(id), 0) + 1, 1, @name, @text, @hash, @once from roundhouse.scriptsrun
                """, connection);
            insert.Parameters.AddWithValue("name", script.FileName);
            insert.Parameters.AddWithValue("text", script.Text);
            insert.Parameters.AddWithValue("hash", script.Hash);
            insert.Parameters.AddWithValue("once", script.Runs == RunKind.Revision);
            await insert.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }
}
