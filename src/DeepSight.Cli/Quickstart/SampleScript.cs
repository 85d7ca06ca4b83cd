using DeepSight.Core;
using DeepSight.Core.Migrations;
using Npgsql;

namespace DeepSight.Cli.Quickstart;

/// <summary>Runs the SQL files that lie in this program.</summary>
internal static class SampleScript
{
    /// <summary>Runs a file statement by statement, in one transaction.</summary>
    /// <exception cref="DeepSightException">A statement failed; says where it is in the file.</exception>
    public static async Task RunFileAsync(NpgsqlConnection connection, string file, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        foreach (var statement in SqlSplitter.Split(Read(file), file))
            await RunAsync(connection, statement.Text, cancellationToken, $"{file}, line {statement.Line}: ");

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Runs one statement.</summary>
    /// <param name="where">Begins the message of a failure.</param>
    /// <exception cref="DeepSightException">It failed.</exception>
    public static async Task RunAsync(
        NpgsqlConnection connection, string statement, CancellationToken cancellationToken, string where = "")
    {
        // A batch takes a statement as it is; an NpgsqlCommand would split the body of a BEGIN ATOMIC function.
        await using var batch = new NpgsqlBatch(connection) { Timeout = 300 };
        batch.BatchCommands.Add(new NpgsqlBatchCommand(statement));
        try
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DeepSightException(FailureKind.Failed,
                $"The sample database can't be created: {where}{e.MessageText}.", e.Hint, e);
        }
    }

    private static string Read(string file)
    {
        using var stream = typeof(SampleScript).Assembly.GetManifestResourceStream(file)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
