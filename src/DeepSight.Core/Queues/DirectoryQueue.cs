using System.Text;
using DeepSight.Core.Storage.Local;

namespace DeepSight.Core.Queues;

/// <summary>
/// One file a message. Everything that changes is in the file's name (<see cref="MessageFile"/>), so that every step is one
/// rename, and of several processes that try the same step, one wins and the others find the file gone.
/// </summary>
internal sealed class DirectoryQueue(string name, string folder, TimeProvider clock) : IMessageQueue
{
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromHours(1);

    /// <summary>As on Azure. A message that is hidden for longer was so by a clock gone wrong.</summary>
    private static readonly TimeSpan LongestHidden = TimeSpan.FromDays(7);

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static long lastSequence;

    public string Name => name;

    public async Task<string> SendAsync(string text, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        var content = Utf8.GetBytes(MessageText.Check(text));
        var now = clock.GetUtcNow();
        var expires = timeToLive == Timeout.InfiniteTimeSpan ? DateTimeOffset.MaxValue : now + timeToLive;
        var message = new MessageFile(NextSequence(now), Guid.NewGuid(), now, expires, now, DequeueCount: 0, Guid.NewGuid());

        return await Attempt("send to", async () =>
        {
            var unfinished = Path.Combine(folder, $"{message.Id:N}{MessageFile.UnfinishedSuffix}");
            await using (var file = LocalFolder.CreateFile(unfinished))
            {
                await file.WriteAsync(content, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            LocalFolder.PublishOver(unfinished, PathOf(message));
            return message.Id.ToString();
        });
    }

    public Task<IReadOnlyList<ReceivedMessage>> ReceiveAsync(int maxMessages, TimeSpan visibility, CancellationToken cancellationToken) =>
        Attempt("receive from", async () =>
        {
            var received = new List<ReceivedMessage>();
            foreach (var message in Visible())
            {
                if (received.Count == maxMessages) break;

                var taken = message with { DequeueCount = message.DequeueCount + 1 };
                if (TryHide(message, taken, visibility) is { } hidden)
                    received.Add(await ReadAsync(hidden, cancellationToken));
            }

            return (IReadOnlyList<ReceivedMessage>)received;
        });

    public Task<ReceivedMessage?> RenewAsync(ReceivedMessage message, TimeSpan visibility, CancellationToken cancellationToken) =>
        Attempt("renew a message of", () =>
        {
            var renewed = MessageFile.TryParse(message.PopReceipt) is { } file ? TryHide(file, file, visibility) : null;
            return Task.FromResult(renewed is null ? null : message with { PopReceipt = renewed.FileName, NextVisible = renewed.Visible });
        });

    public Task<bool> DeleteAsync(ReceivedMessage message, CancellationToken cancellationToken) =>
        Attempt("delete from", () => Task.FromResult(
            MessageFile.TryParse(message.PopReceipt) is { } file && TryDelete(file)));

    public Task<IReadOnlyList<PeekedMessage>> PeekAsync(int maxMessages, CancellationToken cancellationToken) =>
        Attempt("peek into", async () =>
        {
            var peeked = new List<PeekedMessage>();
            foreach (var message in Visible())
            {
                if (peeked.Count == maxMessages) break;

                try
                {
                    peeked.Add(new PeekedMessage(message.Id.ToString(), await TextAsync(message, cancellationToken), message.DequeueCount, message.Inserted));
                }
                catch (FileNotFoundException)
                {
                    // Received by someone meanwhile; no longer to be seen.
                }
            }

            return (IReadOnlyList<PeekedMessage>)peeked;
        });

    public Task<int> CountAsync(CancellationToken cancellationToken) =>
        Attempt("count", () =>
        {
            var now = clock.GetUtcNow();
            return Task.FromResult(Files().Count(message => message.Expires > now));
        });

    private string PathOf(MessageFile message) => Path.Combine(folder, message.FileName);

    private IEnumerable<MessageFile> Visible()
    {
        var now = clock.GetUtcNow();
        foreach (var message in Files().OrderBy(file => file.Sequence))
        {
            if (message.Expires <= now) TryDelete(message);
            else if (message.Visible <= now || message.Visible - now > LongestHidden) yield return message;
        }
    }

    private List<MessageFile> Files()
    {
        var files = new List<MessageFile>();
        if (!Directory.Exists(folder)) return files;
        TrustedPath.Require(folder, "The queue's folder", FailureKind.Refused);

        foreach (var path in Directory.EnumerateFiles(folder))
        {
            // A pipe under a message's name would be waited on for ever.
            if (!TrustedPath.IsOrdinaryFile(path)) continue;
            if (MessageFile.TryParse(Path.GetFileName(path)) is { } message) files.Add(message);
            else if (path.EndsWith(MessageFile.UnfinishedSuffix, StringComparison.Ordinal)) SweepAbandoned(path);
        }

        return files;
    }

    private async Task<ReceivedMessage> ReadAsync(MessageFile message, CancellationToken cancellationToken)
    {
        return new ReceivedMessage(message.Id.ToString(), message.FileName, await TextAsync(message, cancellationToken), message.DequeueCount,
            message.Inserted, message.Expires, message.Visible);
    }

    /// <summary>What isn't UTF-8, or is more than a queue takes, is a message all the same: one that no reader takes, and that ends in the poison queue.</summary>
    private async Task<string> TextAsync(MessageFile message, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(PathOf(message), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var buffer = new byte[MessageText.MaxBytes + 1];
        var count = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, Math.Min(count, MessageText.MaxBytes));
    }

    private MessageFile? TryHide(MessageFile from, MessageFile to, TimeSpan visibility)
    {
        var hidden = to with { Visible = clock.GetUtcNow() + visibility, Receipt = Guid.NewGuid() };
        try
        {
            // With overwrite this is one rename(2). Without it .NET may link and unlink, and two processes could both succeed.
            File.Move(PathOf(from), PathOf(hidden), overwrite: true);
            return hidden;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private bool TryDelete(MessageFile message)
    {
        // File.Delete is silent about a missing file. A rename tells whether the message was still ours.
        var doomed = Path.Combine(folder, $"{Guid.NewGuid():N}{MessageFile.UnfinishedSuffix}");
        try
        {
            File.Move(PathOf(message), doomed, overwrite: true);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }

        File.Delete(doomed);
        return true;
    }

    /// <summary>What a killed sender left; its age is the file system's, on which the file was written.</summary>
    private static void SweepAbandoned(string path)
    {
        if (TimeProvider.System.GetUtcNow() - File.GetLastWriteTimeUtc(path) > AbandonedAfter) File.Delete(path);
    }

    /// <summary>Insertion order: the clock, pushed on where it stands still or runs backwards within this process.</summary>
    private static long NextSequence(DateTimeOffset now)
    {
        while (true)
        {
            var last = Interlocked.Read(ref lastSequence);
            var next = Math.Max(now.UtcTicks, last + 1);
            if (Interlocked.CompareExchange(ref lastSequence, next, last) == last) return next;
        }
    }

    private async Task<T> Attempt<T>(string step, Func<Task<T>> action)
    {
        try
        {
            return await action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeepSightException(FailureKind.Failed, $"Could not {step} the queue '{name}' in '{folder}': {e.Message}",
                "check that the folder is there, writable by this user and not full.", e);
        }
    }
}
