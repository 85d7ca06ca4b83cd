using DeepSight.Core.Age;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Postgres.Processes;
using Npgsql;

namespace DeepSight.Core.Backup.Dumping;

/// <summary>A running dump: pg_dump's, with the rows of large tables read beside it where several sessions are asked for.</summary>
internal sealed class DatabaseDump : IAsyncDisposable
{
    /// <summary>Each costs no more than pg_dump's look at the catalogue.</summary>
    private const int Attempts = 10;

    private readonly ToolProcess process;
    private readonly TableSessions? sessions;

    private DatabaseDump(ToolProcess process, TableSessions? sessions, Stream output) => (this.process, this.sessions, Output) = (process, sessions, output);

    /// <summary>To be read to its end.</summary>
    public Stream Output { get; }

    /// <summary>What pg_dump has said.</summary>
    public string ErrorTail => process.ErrorTail;

    /// <summary>Why one session reads it all though more were asked for; null where they aren't, or do.</summary>
    public string? Warning { get; private init; }

    /// <summary>Starts it and waits for pg_dump's first output: by then it holds its locks. Begins again where a table was rewritten before.</summary>
    /// <param name="sessions">How many read large tables; 1 leaves them to pg_dump.</param>
    /// <param name="large">What is large, in bytes.</param>
    /// <exception cref="DeepSightException">A table was rewritten each time.</exception>
    public static async Task<DatabaseDump> StartAsync(DatabaseUrl database, PostgresClient client, DumpOptions options, int sessions, long large, bool isOfClientsMajor,
        TimeProvider clock, CancellationToken cancellationToken)
    {
        string? warning = null;
        for (var attempt = 1; ; attempt++)
        {
            await using var snapshot = await DumpSnapshot.TakeAsync(database, clock, cancellationToken);
            var tables = sessions == 1 ? [] : await snapshot.FindLargeTablesAsync(large, isOfClientsMajor, cancellationToken);
            var process = PostgresTools.StartDump(database, client, options with { Snapshot = snapshot.Id, WithoutRowsOf = [.. tables.Select(table => table.Pattern)] }, cancellationToken);
            try
            {
                var began = await process.WaitForOutputAsync(cancellationToken);
                var rewritten = await snapshot.FindRewrittenAsync(cancellationToken);
                if (rewritten.Count == 0 || (!began && attempt >= Attempts))
                {
                    if (tables.Count == 0) return new DatabaseDump(process, null, process.Output) { Warning = warning };
                    (var opened, warning) = await OpenAsync(database, snapshot.Id, tables, sessions, cancellationToken);
                    if (opened is not null) return new DatabaseDump(process, opened, new Chunks(SplicedDump.MergeAsync(process.Output, tables, opened, cancellationToken)));
                    sessions = 1;
                }
                else if (attempt >= Attempts)
                {
                    throw AlwaysRewritten(rewritten);
                }
            }
            catch
            {
                await process.DisposeAsync();
                throw;
            }

            await process.DisposeAsync();
        }
    }

    /// <inheritdoc cref="ToolProcess.WaitForSuccessAsync"/>
    public Task WaitForSuccessAsync() => process.WaitForSuccessAsync();

    public async ValueTask DisposeAsync()
    {
        await Output.DisposeAsync();
        if (sessions is not null) await sessions.DisposeAsync();
        await process.DisposeAsync();
    }

    private static async Task<(TableSessions? Sessions, string? Warning)> OpenAsync(DatabaseUrl database, string snapshot, IReadOnlyList<LargeTable> tables, int count, CancellationToken cancellationToken)
    {
        try
        {
            return await TableSessions.OpenAsync(database, snapshot, tables, count, cancellationToken) is { } sessions
                ? (sessions, null)
                : (null, "One session read it all: a large table was being altered, or somebody waited to alter it.");
        }
        catch (Exception e) when (e is NpgsqlException or DeepSightException)
        {
            return (null, $"One session read it all: {count} could not be opened ({((e as PostgresException)?.MessageText ?? e.Message.Split('\n')[0]).TrimEnd('.')}).");
        }
    }

    private static DeepSightException AlwaysRewritten(IReadOnlyList<string> tables) => new(FailureKind.Failed,
        $"{string.Join(", ", tables.Take(5))}{(tables.Count > 5 ? $" and {tables.Count - 5} more" : "")} "
        + $"{(tables.Count == 1 ? "was" : "were")} truncated, rewritten or dropped each of {Attempts} times between the dump's snapshot and its locks; "
        + "the backup would have lacked their rows.",
        "back up at another hour, or truncate and rewrite less often; DELETE does no harm.");

    /// <summary>Chunks as a stream.</summary>
    private sealed class Chunks(IAsyncEnumerable<ReadOnlyMemory<byte>> chunks) : ForwardStream
    {
        private readonly IAsyncEnumerator<ReadOnlyMemory<byte>> chunks = chunks.GetAsyncEnumerator();
        private ReadOnlyMemory<byte> rest;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (rest.IsEmpty)
            {
                if (!await chunks.MoveNextAsync()) return 0;
                rest = chunks.Current;
            }

            var count = Math.Min(buffer.Length, rest.Length);
            rest[..count].CopyTo(buffer);
            rest = rest[count..];
            return count;
        }
    }
}
