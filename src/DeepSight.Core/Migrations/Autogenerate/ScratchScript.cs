using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Migrations.Running;
using DeepSight.Core.Postgres;
using Npgsql;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>Runs scripts in scratch databases.</summary>
internal static class ScratchScript
{
    /// <summary>As a migration would run, but for the journal.</summary>
    public static async Task RunAsync(DatabaseUrl database, MigrationScript script, CancellationToken cancellationToken)
    {
        await using var connection = await PostgresServer.ConnectAsync(database, "deepsight migrate", cancellationToken, forScripts: true);
        var statements = ScriptRules.Check(script);
        MigrationStatement? at = null;
        try
        {
            await using var transaction = script.InTransaction ? await connection.BeginTransactionAsync(cancellationToken) : null;
            foreach (var statement in statements)
            {
                at = statement;
                await using var batch = new NpgsqlBatch(connection) { Timeout = 0, BatchCommands = { new NpgsqlBatchCommand(statement.Text) } };
                await batch.ExecuteNonQueryAsync(cancellationToken);
            }

            at = null;
            if (transaction is not null) await transaction.CommitAsync(cancellationToken);
        }
        catch (PostgresException e)
        {
            throw StatementError.Explain(e, script, at, "Nothing was written");
        }
    }
}
