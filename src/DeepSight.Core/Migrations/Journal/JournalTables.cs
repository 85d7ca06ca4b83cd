using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Migrations.Journal;

/// <summary>
/// Where the journal lies: RoundhousE's tables, grate's, or ours, which are RoundhousE's with grate's <c>status</c>. grate renames
/// RoundhousE's tables to mixed case when it adopts them, so names are found in any case and then used as they are.
/// </summary>
internal sealed record JournalTables
{
    /// <summary>RoundhousE's, and ours where there is none.</summary>
    public const string DefaultSchema = "roundhouse";

    private const string GrateSchema = "grate";

    public required string Schema { get; init; }

    /// <summary>Table names by their lower-case name; those that aren't there are missing.</summary>
    public required IReadOnlyDictionary<string, FoundTable> Found { get; init; }

    /// <param name="IdSequence">Null when nothing gives out ids: then they are counted.</param>
    /// <param name="HasBackup">A column for the backup that was taken before a revision.</param>
    public sealed record FoundTable(string Name, string? IdSequence, bool HasStatus, bool HasBackup);

    /// <summary>All three of RoundhousE's tables.</summary>
    public bool IsComplete => Found.ContainsKey("version") && Found.ContainsKey("scriptsrun") && Found.ContainsKey("scriptsrunerrors");

    /// <summary>Something can be read from it.</summary>
    public bool HasScriptsRun => Found.ContainsKey("scriptsrun");

    /// <summary>We have worked here before.</summary>
    public bool HasRevisionLog => Found.ContainsKey("revision_log");

    /// <summary>The log says which backup was taken before a revision.</summary>
    public bool HasBackups => Found.TryGetValue("revision_log", out var log) && log.HasBackup;

    public string Version => Quoted("version");

    public string ScriptsRun => Quoted("scriptsrun");

    public string ScriptsRunErrors => Quoted("scriptsrunerrors");

    public string RevisionLog => Quoted("revision_log");

    /// <summary>The journal of the schema named, or of the one schema of RoundhousE's or grate's that has one.</summary>
    /// <exception cref="DeepSightException">Both have one.</exception>
    public static async Task<JournalTables> FindAsync(NpgsqlConnection connection, string? schema, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { FindCommand(schema) } };
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        return await ReadAsync(row, schema, cancellationToken);
    }

    /// <summary>What <see cref="ReadAsync"/> reads the answer of.</summary>
    public static NpgsqlBatchCommand FindCommand(string? schema)
    {
        var command = new NpgsqlBatchCommand(
            """
            select n.nspname::text, c.relname::text,
                   case when exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'id' and not a.attisdropped)
                        then pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), 'id') end,
                   exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'status' and not a.attisdropped),
                   exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'backup' and not a.attisdropped)
              from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where c.relkind in ('r', 'p') and lower(n.nspname) = any (@schemas)
               and lower(c.relname) in ('version', 'scriptsrun', 'scriptsrunerrors', 'revision_log')
             order by n.nspname = lower(n.nspname) desc, n.nspname
            """);
        command.Parameters.AddWithValue("schemas", schema is null ? [DefaultSchema, GrateSchema] : new[] { schema.ToLowerInvariant() });
        return command;
    }

    /// <exception cref="DeepSightException">Both have one.</exception>
    public static async Task<JournalTables> ReadAsync(NpgsqlDataReader row, string? schema, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, Dictionary<string, FoundTable>>(StringComparer.Ordinal);
        while (await row.ReadAsync(cancellationToken))
        {
            var tables = found.TryGetValue(row.GetString(0), out var known) ? known : found[row.GetString(0)] = new Dictionary<string, FoundTable>(StringComparer.Ordinal);
            tables[row.GetString(1).ToLowerInvariant()] = new FoundTable(row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.GetBoolean(3), row.GetBoolean(4));
        }

        return found.Where(pair => pair.Value.ContainsKey("scriptsrun")).ToList() switch
        {
            [] => new JournalTables { Schema = schema ?? DefaultSchema, Found = found.GetValueOrDefault(schema ?? DefaultSchema) ?? [] },
            [var one] => new JournalTables { Schema = one.Key, Found = one.Value },
            var several => throw new DeepSightException(FailureKind.InvalidInput,
                $"There is more than one journal: in the schemas {string.Join(" and ", several.Select(pair => $"'{pair.Key}'"))}.",
                "set MIGRATIONS_JOURNAL_SCHEMA to the one that counts."),
        };
    }

    private string Quoted(string table) => $"{Sql.Name(Schema)}.{Sql.Name(Found.TryGetValue(table, out var found) ? found.Name : table)}";
}
