using DeepSight.Core.Migrations.Files;
using Npgsql;

namespace DeepSight.Core.Migrations.Journal;

/// <summary>What a journal says was run, the latest row of each script.</summary>
internal sealed class JournalContent
{
    private readonly Dictionary<string, JournalEntry> entries;

    private JournalContent(Dictionary<string, JournalEntry> entries) => this.entries = entries;

    public static JournalContent Empty { get; } = new([]);

    /// <summary>As if these, as they are, had run.</summary>
    public static JournalContent Of(IEnumerable<MigrationScript> scripts) =>
        new(scripts.ToDictionary(script => script.Path, script => new JournalEntry(script.Path, script.Hash, true, default, null), StringComparer.Ordinal));

    public IReadOnlyCollection<JournalEntry> Entries => entries.Values;

    /// <summary>grate's way of naming scripts, by the path below the folder, is in use.</summary>
    public bool HasPaths => entries.Keys.Any(name => name.Contains('/'));

    public static async Task<JournalContent> ReadAsync(NpgsqlConnection connection, JournalTables tables, CancellationToken cancellationToken)
    {
        if (!tables.HasScriptsRun) return Empty;

        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { ReadCommand(tables) } };
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        return await ReadAsync(row, cancellationToken);
    }

    /// <summary>What the other <c>ReadAsync</c> reads the answer of.</summary>
    public static NpgsqlBatchCommand ReadCommand(JournalTables tables) => new(
        $"""
        select distinct on (script_name) script_name::text, text_hash::text, coalesce(one_time_script, false), entry_date, entered_by::text
          from {tables.ScriptsRun} where script_name is not null order by script_name, id desc
        """);

    public static async Task<JournalContent> ReadAsync(NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        var entries = new Dictionary<string, JournalEntry>(StringComparer.Ordinal);
        while (await row.ReadAsync(cancellationToken))
            entries[row.GetString(0)] = new JournalEntry(row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1), row.GetBoolean(2),
                row.IsDBNull(3) ? default : row.GetDateTime(3), row.IsDBNull(4) ? null : row.GetString(4));
        return new JournalContent(entries);
    }

    /// <summary>Its row, under either tool's name for it.</summary>
    public JournalEntry? Find(MigrationScript script) => entries.GetValueOrDefault(script.Path) ?? entries.GetValueOrDefault(script.FileName);
}
