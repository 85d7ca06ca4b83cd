using DeepSight.Core.Migrations.Files;
using Npgsql;
using NpgsqlTypes;

namespace DeepSight.Core.Migrations.Running;

/// <summary>
/// What CONCURRENTLY leaves when it is cut off: an index that exists, costs every write and answers no query (with
/// <c>IF NOT EXISTS</c> a second try would even take it for done), or a partition that is half detached.
/// </summary>
internal sealed class ConcurrentLeftovers(MigrationSession session, IProgress<MigrationStep>? progress)
{
    /// <summary>Drops the invalid indexes that this statement's earlier try left.</summary>
    public async Task DropInvalidAsync(MigrationScript script, MigrationStatement statement, CancellationToken cancellationToken)
    {
        foreach (var index in await InvalidAsync(ConcurrentStatement.TryParse(statement.Text), cancellationToken))
        {
            Tell(script, $"the invalid index {index}, left by a try that was cut off, was dropped");
            await using var drop = new NpgsqlCommand($"drop index concurrently if exists {index}", session.Connection);
            drop.CommandTimeout = 0;
            await drop.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <returns>The statement; FINALIZE where an earlier try of it was cut off, since the server refuses it then.</returns>
    public async Task<MigrationStatement> ResumeAsync(
        MigrationScript script, MigrationStatement statement, CancellationToken cancellationToken)
    {
        if (!await IsDetachPendingAsync(statement, cancellationToken)) return statement;

        var (_, partition, table) = ConcurrentStatement.TryParse(statement.Text)!;
        Tell(script, $"the detach of {partition}, cut off in an earlier try, goes on with FINALIZE");
        return statement with { Text = $"alter table {table} detach partition {partition} finalize" };
    }

    public async Task<bool> IsDetachPendingAsync(MigrationStatement statement, CancellationToken cancellationToken) =>
        ConcurrentStatement.TryParse(statement.Text) is { Kind: ConcurrentKind.Detach } detach
        && await AskAsync(
            "select exists (select from pg_inherits where inhparent = to_regclass(@on) and inhrelid = to_regclass(@name) and inhdetachpending)",
            detach, cancellationToken);

    /// <summary>Whether a statement that was cut off has done all of its work after all.</summary>
    public async Task<bool> IsDoneAsync(MigrationStatement statement, CancellationToken cancellationToken) =>
        ConcurrentStatement.TryParse(statement.Text) switch
        {
            { Kind: ConcurrentKind.Create } create => await FindAsync(create, cancellationToken) is { IsValid: true },
            { Kind: ConcurrentKind.Drop } drop => await AskAsync("select to_regclass(@name) is null", drop, cancellationToken),
            { Kind: ConcurrentKind.Detach } detach => await AskAsync(
                """
                select to_regclass(@name) is not null
                   and not exists (select from pg_inherits where inhparent = to_regclass(@on) and inhrelid = to_regclass(@name))
                """, detach, cancellationToken),
            _ => false,
        };

    private void Tell(MigrationScript script, string note)
    {
        progress?.Report(new MigrationStep(StepKind.Mending, script.Display, note));
        session.Notes.Add($"{script.Display}: {note}.");
    }

    private async Task<IReadOnlyList<string>> InvalidAsync(ConcurrentStatement? statement, CancellationToken cancellationToken) =>
        statement switch
        {
            { Kind: ConcurrentKind.Create } =>
                await FindAsync(statement, cancellationToken) is { IsValid: false, Name: var index } ? [index] : [],
            { Kind: ConcurrentKind.Reindex } => await ReindexesAsync(statement, cancellationToken),
            _ => [],
        };

    private async Task<(string Name, bool IsValid)?> FindAsync(ConcurrentStatement create, CancellationToken cancellationToken)
    {
        await using var command = Command(
            """
            select i.indexrelid::regclass::text, i.indisvalid and i.indisready
              from pg_index i join pg_class c on c.oid = i.indexrelid
             where i.indrelid = to_regclass(@on) and c.relname = (parse_ident(@name))[1]
            """, create);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? (row.GetString(0), row.GetBoolean(1)) : null;
    }

    /// <summary>
    /// The new index before it took the old one's name, or the old one behind it: both are to be dropped
    /// (https://www.postgresql.org/docs/current/sql-reindex.html, "Rebuilding Indexes Concurrently").
    /// </summary>
    private async Task<IReadOnlyList<string>> ReindexesAsync(ConcurrentStatement reindex, CancellationToken cancellationToken)
    {
        await using var command = Command(
            """
            with tables as (
                select oid, reltoastrelid from pg_class where case @on
                  when 'table' then oid = to_regclass(@name) or oid in (select relid from pg_partition_tree(to_regclass(@name)))
                  when 'index' then oid in (select indrelid from pg_index
                    where indexrelid = to_regclass(@name) or indexrelid in (select relid from pg_partition_tree(to_regclass(@name))))
                  when 'schema' then relnamespace = to_regnamespace(@name)
                  else true end)
            select distinct i.indexrelid::regclass::text
              from pg_index i join pg_class c on c.oid = i.indexrelid join tables t on i.indrelid in (t.oid, t.reltoastrelid)
             where not i.indisvalid and c.relname ~ '_cc(new|old)[0-9]*$'
            """, reindex);
        var found = new List<string>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken)) found.Add(row.GetString(0));
        return found;
    }

    private async Task<bool> AskAsync(string sql, ConcurrentStatement statement, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, statement);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private NpgsqlCommand Command(string sql, ConcurrentStatement statement)
    {
        var command = new NpgsqlCommand(sql, session.Connection);
        command.Parameters.Add(new NpgsqlParameter("name", NpgsqlDbType.Text) { Value = (object?)statement.Name ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter("on", NpgsqlDbType.Text) { Value = (object?)statement.On ?? DBNull.Value });
        return command;
    }
}

internal enum ConcurrentKind
{
    Create,
    Drop,
    Reindex,
    Detach,
}

/// <summary>A statement with CONCURRENTLY: what it is about, so that its traces can be found after it was cut off.</summary>
/// <param name="Name">
/// The index, of a CREATE without its schema and null when the server is to choose it; what is reindexed; the partition.
/// </param>
/// <param name="On">The table of a CREATE or a DETACH; what kind of thing a REINDEX is about, as <c>table</c>.</param>
internal sealed record ConcurrentStatement(ConcurrentKind Kind, string? Name, string? On)
{
    public static ConcurrentStatement? TryParse(string statement)
    {
        var words = new StatementWords(statement);
        if (words.Starts("drop", "index", "concurrently"))
            return new ConcurrentStatement(ConcurrentKind.Drop, words.Name(words.Skip(3, "if", "exists")).Name, null);
        if (words.Starts("reindex")) return Reindex(words);
        if (words.Starts("alter", "table")) return Detach(words);

        var at = words.Skip(1, "unique");
        if (!words.Starts("create") || !words.Has(at, "index", "concurrently")) return null;

        at = words.Skip(at + 2, "if", "not", "exists");
        var (index, next) = words.Has(at, "on") ? (null, at) : words.Name(at);
        var table = words.Name(words.Skip(next + 1, "only")).Name;
        return new ConcurrentStatement(ConcurrentKind.Create, index, table);
    }

    private static ConcurrentStatement? Reindex(StatementWords words)
    {
        var kind = ScriptRules.BehindOptions(words, 1);
        return words.Contains("concurrently")
            ? new ConcurrentStatement(ConcurrentKind.Reindex, words.Name(words.Skip(kind + 1, "concurrently")).Name, words[kind])
            : null;
    }

    private static ConcurrentStatement? Detach(StatementWords words)
    {
        var (table, next) = words.Name(words.Skip(words.Skip(2, "if", "exists"), "only"));
        if (!words.Has(next, "detach", "partition")) return null;

        var (partition, end) = words.Name(next + 2);
        return words.Has(end, "concurrently") ? new ConcurrentStatement(ConcurrentKind.Detach, partition, table) : null;
    }
}
