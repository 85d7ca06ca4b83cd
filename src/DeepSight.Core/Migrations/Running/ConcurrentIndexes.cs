using DeepSight.Core.Migrations.Files;
using Npgsql;

namespace DeepSight.Core.Migrations.Running;

/// <summary>
/// What CONCURRENTLY leaves when it is cut off: an index that exists, costs every write and answers no query. With
/// <c>IF NOT EXISTS</c> a second try would even take it for done.
/// </summary>
internal sealed class ConcurrentIndexes(MigrationSession session, IProgress<MigrationStep>? progress)
{
    /// <summary>Drops the invalid index that this statement's earlier try left, if there is one.</summary>
    public async Task DropInvalidAsync(MigrationScript script, MigrationStatement statement, CancellationToken cancellationToken)
    {
        if (ConcurrentStatement.TryParse(statement.Text) is not { Creates: true, Index: { } name, Table: { } table }) return;
        if (await FindAsync(name, table, cancellationToken) is not { IsValid: false, Name: var index }) return;

        var note = $"the invalid index {index}, left by a try that was cut off, was dropped";
        progress?.Report(new MigrationStep(StepKind.Mending, script.Display, note));
        session.Notes.Add($"{script.Display}: {note}.");
        await using var drop = new NpgsqlCommand($"drop index concurrently if exists {index}", session.Connection) { CommandTimeout = 0 };
        await drop.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Whether a statement that was cut off has done all of its work after all.</summary>
    public async Task<bool> IsDoneAsync(MigrationStatement statement, CancellationToken cancellationToken) =>
        ConcurrentStatement.TryParse(statement.Text) switch
        {
            { Creates: true, Index: { } name, Table: { } table } => await FindAsync(name, table, cancellationToken) is { IsValid: true },
            { Creates: false, Index: { } name } => !await ExistsAsync(name, cancellationToken),
            _ => false,
        };

    private async Task<(string Name, bool IsValid)?> FindAsync(string name, string table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select i.indexrelid::regclass::text, i.indisvalid and i.indisready
              from pg_index i join pg_class c on c.oid = i.indexrelid
             where i.indrelid = to_regclass(@table) and c.relname = (parse_ident(@name))[1]
            """, session.Connection);
        command.Parameters.AddWithValue("table", table);
        command.Parameters.AddWithValue("name", name);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? (row.GetString(0), row.GetBoolean(1)) : null;
    }

    private async Task<bool> ExistsAsync(string name, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select to_regclass(@name) is not null", session.Connection);
        command.Parameters.AddWithValue("name", name);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}

/// <summary>A <c>CREATE</c> or <c>DROP INDEX CONCURRENTLY</c>: what it is about, so that its traces can be found after it was cut off.</summary>
/// <param name="Index">Without its schema; null when the server is to choose it.</param>
/// <param name="Table">Of a CREATE; null of a DROP.</param>
internal sealed record ConcurrentStatement(bool Creates, string? Index, string? Table)
{
    public static ConcurrentStatement? TryParse(string statement)
    {
        var words = new StatementWords(statement);
        if (words.Starts("drop", "index", "concurrently"))
            return new ConcurrentStatement(false, words.Name(words.Skip(3, "if", "exists")).Name, null);

        var at = words.Skip(1, "unique");
        if (!words.Starts("create") || !words.Has(at, "index", "concurrently")) return null;

        at = words.Skip(at + 2, "if", "not", "exists");
        var (index, next) = words.Has(at, "on") ? (null, at) : words.Name(at);
        var table = words.Name(words.Skip(next + 1, "only")).Name;
        return new ConcurrentStatement(true, index, table);
    }
}
