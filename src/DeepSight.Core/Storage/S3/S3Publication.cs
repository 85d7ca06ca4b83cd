using System.Net;

namespace DeepSight.Core.Storage.S3;

/// <summary>
/// Makes an object visible under a name that must be free, and finds out what came of it when the answer was lost: each write
/// carries an id in its metadata, so that what is there tells whose it is.
/// </summary>
internal sealed class S3Publication(S3Bucket bucket, S3Conditions conditions)
{
    /// <summary>Null, and nothing changed, when the name is taken.</summary>
    /// <param name="name">The object.</param>
    /// <param name="id">What the write puts into the metadata.</param>
    /// <param name="write">Sends it, with this <c>If-None-Match</c> if any.</param>
    /// <param name="cancellationToken">Leaves it open whether it was written.</param>
    public async Task<StoredObject?> PublishAsync(string name, string id, Func<string?, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        // All that a service without conditional writes offers against overwriting; to others it saves the attempt.
        if (conditions.AreHonoured != true && await bucket.FindAsync(name, S3Operation.Confirm, cancellationToken) is not null) return null;

        try
        {
            await WriteAsync(write, cancellationToken);
        }
        catch (DeepSightException e) when (S3Faults.LeavesDoubt(e))
        {
            return await WhoseIsAsync(name, id, e, cancellationToken);
        }

        // Whoever wrote last has it: each looks after all can have written.
        if (conditions.AreHonoured == false) await Task.Delay(bucket.Patience.Settle, cancellationToken);
        var found = await bucket.FindAsync(name, S3Operation.Confirm, cancellationToken);
        return found is { } there && there.Id == id ? there.Stored : null;
    }

    private async Task WriteAsync(Func<string?, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        try
        {
            await write(conditions.IfNoneMatch, cancellationToken);
        }
        catch (DeepSightException e) when (conditions.AreHonoured is null && S3Conditions.IsRefusal(e))
        {
            await write(null, cancellationToken);
            conditions.Learn(honoured: false);
        }
    }

    private async Task<StoredObject?> WhoseIsAsync(string name, string id, DeepSightException doubt, CancellationToken cancellationToken)
    {
        var found = await bucket.FindAsync(name, S3Operation.Confirm, cancellationToken);
        if (found is { } there) return there.Id == id ? there.Stored : null;

        // A condition can fail over an object that was deleted since.
        return doubt.HasStatus(HttpStatusCode.PreconditionFailed) ? null : throw doubt;
    }
}
