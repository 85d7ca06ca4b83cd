using System.Security.Cryptography;
using System.Text.Json;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Restore.Requests;

/// <summary>
/// One request in one pair of hands. The lease keeps a doubled message from being worked on twice at once; the claim, written once
/// and never again, says since when the request is known, and so under which name it is recorded.
/// </summary>
internal sealed class RequestClaim : IAsyncDisposable
{
    /// <summary>In the store, of the claims alone.</summary>
    public const string Folder = "requests/";

    private const string Ending = ".json";

    /// <summary>Short: after a crash nobody can go on before it has run out.</summary>
    private static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);

    private readonly IStoreLease lease;
    private readonly CancellationTokenSource ended = new();
    private readonly Task renewing;

    private RequestClaim(IStoreLease lease, Content content, bool isNew, bool isOfAnother, TimeProvider clock)
    {
        this.lease = lease;
        ClaimedAt = content.ClaimedAt;
        (IsNew, IsOfAnother) = (isNew, isOfAnother);
        renewing = RenewAsync(clock);
    }

    public DateTimeOffset ClaimedAt { get; }

    /// <summary>False when the request was taken before: it may be done, or its host may have died over it.</summary>
    public bool IsNew { get; }

    /// <summary>The id was used before, by a request that asked for something else.</summary>
    public bool IsOfAnother { get; }

    public static bool IsName(string name) =>
        name.StartsWith(Folder, StringComparison.Ordinal) && name.EndsWith(Ending, StringComparison.Ordinal) && !name[Folder.Length..].Contains('/');

    /// <param name="asked">What is asked for, so that an id that comes with something else is noticed.</param>
    /// <param name="wait">How long to wait for another host that has it.</param>
    /// <returns>Null when another host still has it: it is being done there.</returns>
    public static async Task<RequestClaim?> TakeAsync(IBackupStore store, string requestId, ReadOnlyMemory<byte> asked, TimeSpan wait, TimeProvider clock, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        IStoreLease? lease;
        while ((lease = await store.TryLeaseAsync("restore-" + requestId, LeaseTime, cancellationToken)) is null)
        {
            if (clock.GetElapsedTime(began) >= wait) return null;
            await Task.Delay(PollInterval, clock, cancellationToken);
        }

        try
        {
            var name = Folder + requestId + Ending;
            var mine = new Content(requestId, clock.GetUtcNow(), Convert.ToHexStringLower(SHA256.HashData(asked.Span)));
            var isNew = await store.TryCreateAsync(name, Json.ToUtf8(mine), cancellationToken);
            var first = isNew ? mine : await ReadAsync(store, name, cancellationToken) ?? mine;
            return new RequestClaim(lease, first, isNew, first.Digest is not null && first.Digest != mine.Digest, clock);
        }
        catch
        {
            await lease.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await renewing;
        await lease.DisposeAsync();
        ended.Dispose();
    }

    private static async Task<Content?> ReadAsync(IBackupStore store, string name, CancellationToken cancellationToken)
    {
        await using var content = await store.OpenReadAsync(name, 0, null, cancellationToken);
        try
        {
            return await Json.ReadAsync<Content>(content, cancellationToken);
        }
        catch (JsonException e)
        {
            throw new DeepSightException(FailureKind.Corrupt, $"The claim '{name}' in {store.Location} can't be read.",
                "it was altered: send the request again with a request_id of its own.", e);
        }
    }

    private async Task RenewAsync(TimeProvider clock)
    {
        while (true)
        {
            await Task.Delay(LeaseTime / 3, clock, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested) return;
            try
            {
                await lease.RenewAsync(ended.Token);
            }
            catch (Exception e) when (e is DeepSightException or OperationCanceledException)
            {
                // A lease that is lost costs nothing but the shelter from doubles: the lock on the database keeps them apart.
                if (e is DeepSightException { Kind: FailureKind.Busy }) return;
            }
        }
    }

    /// <param name="Digest">Null in claims of versions that wrote none.</param>
    internal sealed record Content(string RequestId, DateTimeOffset ClaimedAt, string? Digest = null);
}
