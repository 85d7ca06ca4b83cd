using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Postgres.Processes;

namespace DeepSight.Core.Restore.Loading;

/// <summary>
/// A psql whose input we write. Its exit code alone is never trusted: with its input cut in mid-COPY it commits what it got
/// and exits 0. So COMMIT is ours to send, and everything before it is known to be done when psql echoes a token back.
/// </summary>
internal sealed class PsqlSession : IAsyncDisposable
{
    /// <summary>Begins a line that our own SQL prints for us: a value no table of a dump can print at the start of a line.</summary>
    public const string AnswerPrefix = "deepsight:";

    /// <summary>Enough that psql finds something to read while a block is decompressed and inspected.</summary>
    private const int LongestQueue = 4 << 20;

    private readonly ToolProcess psql;
    private readonly Pipe queue = new(new PipeOptions(
        pauseWriterThreshold: LongestQueue, resumeWriterThreshold: LongestQueue / 2, minimumSegmentSize: 128 * 1024, useSynchronizationContext: false));
    private readonly CopyTags tags;
    private readonly string? restrictKey;
    private readonly List<string> answers = [];
    private readonly Task reading;
    private readonly Task sending;
    private readonly Lock sync = new();
    private (string Text, TaskCompletionSource<bool> Seen) token = ("", new());
    private long written;
    private long sent;
    private volatile bool isDisposed;

    private PsqlSession(ToolProcess psql, CopyTags tags, string? restrictKey)
    {
        (this.psql, this.tags, this.restrictKey) = (psql, tags, restrictKey);
        reading = ReadAsync();
        sending = Task.Run(SendAsync);
    }

    public IReadOnlyList<string> Answers => answers;

    /// <summary>Bytes that were written to the session.</summary>
    public long Written => written;

    /// <summary>Bytes of those that psql's input took. What psql has executed may be behind by the size of a pipe.</summary>
    public long Sent => Interlocked.Read(ref sent);

    /// <summary>What it was sent in each COPY, and what the server took.</summary>
    public CopyTags Tags => tags;

    public static PsqlSession Start(DatabaseUrl database, PostgresClient client, PsqlOptions options, CancellationToken cancellationToken) =>
        new(PostgresTools.StartPsql(database, client, options with { PrintTags = true }, cancellationToken), new CopyTags(),
            client.KnowsRestrict ? RandomNumberGenerator.GetHexString(32) : null);

    /// <summary>Ends a statement that psql would read on from.</summary>
    public string EndOfStatement => restrictKey is null ? "\n\\g\n" : $"\\unrestrict {restrictKey}\n\\g\n\\restrict {restrictKey}\n";

    /// <summary>From here psql itself refuses meta-commands too, but for the one with our key.</summary>
    public Task RestrictAsync(CancellationToken cancellationToken) =>
        restrictKey is null ? Task.CompletedTask : WriteAsync($"\\restrict {restrictKey}\n", cancellationToken);

    public async Task UnrestrictAsync(CancellationToken cancellationToken)
    {
        if (restrictKey is not null) await WriteAsync($"\\unrestrict {restrictKey}\n", cancellationToken);
    }

    public Task WriteAsync(string sql, CancellationToken cancellationToken) => WriteAsync(Encoding.UTF8.GetBytes(sql), cancellationToken);

    /// <summary>Queues it; waits while psql is megabytes behind.</summary>
    /// <exception cref="DeepSightException">psql has ended, with what it said.</exception>
    public async Task WriteAsync(ReadOnlyMemory<byte> sql, CancellationToken cancellationToken)
    {
        written += sql.Length;
        // Throws what ended the sending.
        await queue.Writer.WriteAsync(sql, cancellationToken);
    }

    /// <summary>Waits until psql has done everything written so far.</summary>
    /// <exception cref="DeepSightException">It stopped at an error, with what it said.</exception>
    public async Task SyncAsync(CancellationToken cancellationToken)
    {
        var seen = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var text = AnswerPrefix + RandomNumberGenerator.GetHexString(16);
        lock (sync) token = (text, seen);
        await WriteAsync($"\\echo {text}\n", cancellationToken);

        await Task.WhenAny(seen.Task, reading);
        if (!seen.Task.IsCompleted) throw await EndedAsync(null);
    }

    /// <summary>Ends its input and waits for exit code 0.</summary>
    public async Task EndAsync()
    {
        await queue.Writer.CompleteAsync();
        await sending;
        await psql.Input.DisposeAsync();
        await reading;
        await psql.WaitForSuccessAsync();
    }

    public async ValueTask DisposeAsync()
    {
        isDisposed = true;
        // Its input is not closed before it is ended: it would take that for the end of its work.
        queue.Reader.CancelPendingRead();
        await psql.DisposeAsync();
        await sending;
    }

    /// <summary>What goes wrong here is thrown to who writes next.</summary>
    private async Task SendAsync()
    {
        Exception? failure = null;
        try
        {
            while (await queue.Reader.ReadAsync(CancellationToken.None) is { IsCanceled: false } read && !(read.IsCompleted && read.Buffer.IsEmpty))
            {
                var next = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, LongestQueue / 16));
                foreach (var part in next) await psql.Input.WriteAsync(part, CancellationToken.None);
                Interlocked.Add(ref sent, next.Length);
                queue.Reader.AdvanceTo(next.End);
            }
        }
        catch (Exception e)
        {
            failure = e is IOException && !isDisposed ? await WhyEndedAsync(e) : e;
        }
        finally
        {
            await queue.Reader.CompleteAsync(failure);
        }
    }

    private async Task<Exception> WhyEndedAsync(Exception inner)
    {
        try
        {
            return await EndedAsync(inner);
        }
        catch (Exception e)
        {
            // A cancellation; or it was disposed of meanwhile, and nobody will ask.
            return e;
        }
    }

    private async Task ReadAsync()
    {
        using var reader = new StreamReader(psql.Output, Encoding.UTF8, false, 1 << 16, leaveOpen: true);
        while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
        {
            lock (sync)
                if (line == token.Text) token.Seen.TrySetResult(true);
            if (line.StartsWith(AnswerPrefix, StringComparison.Ordinal) || line.StartsWith(" " + AnswerPrefix, StringComparison.Ordinal)) answers.Add(line.Trim());
            else tags.Printed(line);
        }
    }

    /// <summary>Why it has ended, or the cancellation that ended it.</summary>
    private async Task<DeepSightException> EndedAsync(Exception? inner)
    {
        await reading;
        try
        {
            await psql.WaitForSuccessAsync();
        }
        catch (DeepSightException e)
        {
            return LoadFailure.Explain(e);
        }

        return new DeepSightException(FailureKind.Failed, "psql ended with exit code 0 before everything was restored.",
            "nothing was published; see what ended it, and run the restore again.", inner);
    }
}
