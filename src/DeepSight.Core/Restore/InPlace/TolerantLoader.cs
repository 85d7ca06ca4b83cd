using System.Buffers;
using DeepSight.Core.Databases;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Sql;
using DeepSight.Core.Restore.Loading;
using Npgsql;

namespace DeepSight.Core.Restore.InPlace;

/// <summary>
/// <c>--tolerate-errors</c>: what the old tool's users know, errors are passed over and counted. Not by psql: where a COPY fails at
/// its start, psql takes the rows that follow for SQL. Each statement has a savepoint, so that it is still one transaction.
/// </summary>
/// <param name="url">The target, as the role that loads.</param>
/// <param name="endedAtCommit">Finds out what became of a COMMIT that nobody answered; throws unless it was done.</param>
internal sealed class TolerantLoader(RestoreContext context, DatabaseUrl url, Func<RestoreContext, DeepSightException, CancellationToken, Task> endedAtCommit)
{
    private const int BlockSize = 1 << 20;
    private const int Shown = 5;

    private readonly List<string> errors = [];
    private int errorCount;
    private Stream? copy;
    private StreamWriter? copyWriter;
    private bool skipsCopy;

    /// <exception cref="DeepSightException">Nothing was committed, or that is not known.</exception>
    public async Task<Restored> RunAsync(LoadOptions options, SqlFilterRules rules, CancellationToken cancellationToken)
    {
        await using var connection = await RestoreConnection.OpenAsync(url, cancellationToken);
        var (uses, sha256) = await TryAsync(() => LoadAsync(connection, options, rules, cancellationToken));
        await options.BeforeCommit(cancellationToken);
        try
        {
            // From here the outcome is the server's: a cancellation would only hide it.
            await TryAsync(async () =>
            {
                await connection.ExecuteAsync("COMMIT", CancellationToken.None);
                return sha256;
            });
        }
        catch (DeepSightException e)
        {
            await endedAtCommit(context, e, cancellationToken);
        }

        return new Restored(context.Checked!.Summary, sha256, null, [.. LoadNotes.Of(uses), .. Told()], errorCount);
    }

    private async Task<(IReadOnlyList<SqlFilterUse> Uses, string Sha256)> LoadAsync(NpgsqlConnection connection, LoadOptions options, SqlFilterRules rules, CancellationToken cancellationToken)
    {
        // The dump may count on the role's.
        await connection.ExecuteAsync("RESET search_path; SET standard_conforming_strings = on", cancellationToken);
        await connection.ExecuteAsync("BEGIN", cancellationToken);
        await connection.ExecuteAsync(options.Before, cancellationToken);
        var (uses, sha256) = await LoadAsync(connection, rules, cancellationToken);
        if (sha256 != options.ExpectedSha256) throw DumpFormats.Corrupt(context.Source, "it changed while it was being restored");
        await connection.ExecuteAsync(options.After, cancellationToken);
        return (uses, sha256);
    }

    /// <summary>What the operator asked not to be stopped by: how much of it there was, and how it began.</summary>
    private IEnumerable<string> Told()
    {
        if (errorCount == 0) yield break;
        yield return $"{errorCount:N0} statements failed and were passed over: {string.Join("; ", errors)}{(errorCount > Shown ? "; …" : "")}";
        yield return "rows were not confirmed table by table: compare the counts yourself";
    }

    private async Task<(IReadOnlyList<SqlFilterUse> Uses, string Sha256)> LoadAsync(NpgsqlConnection connection, SqlFilterRules rules, CancellationToken cancellationToken)
    {
        var filtered = new ArrayBufferWriter<byte>(BlockSize);
        var filter = new SqlFilter(rules, filtered);
        var pieces = new SqlPieces();
        var scanner = new SqlScanner(pieces);
        var block = new byte[BlockSize];
        await using var reader = await DumpReader.OpenAsync(context.Source, cancellationToken);
        while (await reader.ReadAsync(block, cancellationToken) is > 0 and var read)
        {
            filter.Append(block.AsSpan(0, read));
            scanner.Append(filtered.WrittenSpan);
            filtered.ResetWrittenCount();
            await DoAsync(connection, pieces, cancellationToken);
            context.Progress?.Report(new RestoreProgress(RestorePhase.Loading, reader.StoredBytes, context.Source.StoredBytes, 0, null));
        }

        filter.Complete();
        scanner.Append(filtered.WrittenSpan);
        scanner.Complete();
        await DoAsync(connection, pieces, cancellationToken);
        return (filter.Uses, await reader.FinishAsync(cancellationToken));
    }

    private async Task DoAsync(NpgsqlConnection connection, SqlPieces pieces, CancellationToken cancellationToken)
    {
        foreach (var piece in pieces.Take())
        {
            switch (piece.Kind)
            {
                case SqlPieceKind.Statement:
                    await TryAsync(connection, () => RunAsync(connection, piece.Text, cancellationToken), cancellationToken);
                    break;
                case SqlPieceKind.Copy:
                    skipsCopy = !await TryAsync(connection, () => BeginCopyAsync(connection, piece.Text, cancellationToken), cancellationToken, release: false);
                    break;
                case SqlPieceKind.Rows when !skipsCopy:
                    await copy!.WriteAsync(piece.Bytes, cancellationToken);
                    break;
                case SqlPieceKind.CopyEnd when !skipsCopy:
                    await TryEndCopyAsync(connection, cancellationToken);
                    break;
            }
        }
    }

    private static async Task RunAsync(NpgsqlConnection connection, string statement, CancellationToken cancellationToken)
    {
        // A batch takes a statement as it is; a command would split the body of a BEGIN ATOMIC function.
        await using var batch = new NpgsqlBatch(connection) { Timeout = 0 };
        batch.BatchCommands.Add(new NpgsqlBatchCommand(statement));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task BeginCopyAsync(NpgsqlConnection connection, string statement, CancellationToken cancellationToken)
    {
        copyWriter = (StreamWriter)await connection.BeginTextImportAsync(statement.TrimEnd(';'), cancellationToken);
        // The rows go through as bytes.
        copy = copyWriter.BaseStream;
    }

    private async Task TryEndCopyAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await copyWriter!.DisposeAsync();
            await connection.ExecuteAsync("RELEASE SAVEPOINT deepsight", cancellationToken);
        }
        catch (PostgresException e) when (!EndsSession(e))
        {
            await PassOverAsync(connection, e, cancellationToken);
        }
    }

    private async Task<bool> TryAsync(NpgsqlConnection connection, Func<Task> statement, CancellationToken cancellationToken, bool release = true)
    {
        await connection.ExecuteAsync("SAVEPOINT deepsight", cancellationToken);
        try
        {
            await statement();
            if (release) await connection.ExecuteAsync("RELEASE SAVEPOINT deepsight", cancellationToken);
            return true;
        }
        catch (PostgresException e) when (!EndsSession(e))
        {
            await PassOverAsync(connection, e, cancellationToken);
            return false;
        }
    }

    /// <summary>FATAL or PANIC: there is nothing to go on with.</summary>
    private static bool EndsSession(PostgresException error) => error.InvariantSeverity != "ERROR";

    private async Task PassOverAsync(NpgsqlConnection connection, PostgresException error, CancellationToken cancellationToken)
    {
        errorCount++;
        if (errors.Count < Shown) errors.Add(error.MessageText);
        await connection.ExecuteAsync("ROLLBACK TO SAVEPOINT deepsight; RELEASE SAVEPOINT deepsight", cancellationToken);
    }

    /// <summary>What isn't about one statement ends the restore.</summary>
    private static async Task<T> TryAsync<T>(Func<Task<T>> step)
    {
        try
        {
            return await step();
        }
        catch (Exception e) when (e is NpgsqlException or IOException)
        {
            throw LoadFailure.Explain(new DeepSightException(FailureKind.Failed, (e as PostgresException)?.MessageText ?? e.Message, null, e));
        }
    }
}
