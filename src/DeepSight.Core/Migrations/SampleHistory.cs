using DeepSight.Core.Migrations.Journal;
using Npgsql;

namespace DeepSight.Core.Migrations;

/// <summary>
/// The history that comes with the functions is an example for the quickstart's database. On a company's it would make tables that
/// nobody asked for, and until then it would count as pending: it is told by a file in its folder, and kept to its own.
/// </summary>
internal static class SampleHistory
{
    /// <summary>Lies in the folder of a sample.</summary>
    public const string Marker = "SAMPLE.md";

    /// <summary>The database has nothing in it yet but, perhaps, a journal; or it is the sample's, which its baseline tells.</summary>
    private const string Fits =
        """
        select not exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                            where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'deepsight', 'grate', 'roundhouse', @journal))
            or (select count(distinct relname) = 4 from pg_class where relkind in ('r', 'p') and relname in ('organisations', 'users', 'memberships', 'videos'))
               and (select count(distinct typname) = 2 from pg_type where typname in ('member_role', 'postal_address'))
        """;

    public static NpgsqlBatchCommand FitsCommand(string? journalSchema)
    {
        var command = new NpgsqlBatchCommand(Fits);
        command.Parameters.AddWithValue("journal", journalSchema ?? JournalTables.DefaultSchema);
        return command;
    }

    public static async Task<bool> FitsAsync(NpgsqlConnection connection, string journalSchema, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { FitsCommand(journalSchema) } };
        return (bool)(await batch.ExecuteScalarAsync(cancellationToken))!;
    }

    public static DeepSightException Refusal(string database, string folder) => new(FailureKind.Refused,
        $"The migrations in '{folder}' are the sample's, for the quickstart's database; '{database}' is another. Nothing was changed.",
        $"name the folder of your own in MIGRATIONS_DIR; or put your files in there in the sample's place, and remove its {Marker}.");
}
