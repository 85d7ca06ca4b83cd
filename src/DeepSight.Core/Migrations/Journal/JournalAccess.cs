using DeepSight.Core.Postgres;
using Npgsql;

namespace DeepSight.Core.Migrations.Journal;

/// <summary>What a role must be allowed, asked before anything runs.</summary>
internal static class JournalAccess
{
    /// <exception cref="PostgresException">It may not write.</exception>
    public static async Task RequireWriteAsync(NpgsqlConnection connection, JournalTables tables, CancellationToken cancellationToken)
    {
        // Nothing is found, so nothing is locked or changed; but whoever may not write is told so.
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand($"insert into {tables.ScriptsRun} (script_name) select '' where false"),
                new NpgsqlBatchCommand($"delete from {tables.ScriptsRun} where false"),
                new NpgsqlBatchCommand($"insert into {tables.RevisionLog} (revision) select '' where false"),
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Null when it is no matter of permission.</summary>
    public static DeepSightException? Explain(Exception failure, DatabaseUrl database, string verb) =>
        failure is PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.ReadOnlySqlTransaction } refusal
            ? new DeepSightException(FailureKind.Failed,
                $"'{database.User}' may not {verb} the journal of '{database.Display}': {refusal.MessageText}. Nothing was changed.",
                "let a role migrate that may CREATE in the database and owns the journal's schema; one that may only SELECT can look.", refusal)
            : null;
}
