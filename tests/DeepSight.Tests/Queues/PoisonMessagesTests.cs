using DeepSight.Core.Queues;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Queues;

public sealed class PoisonMessagesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private IMessageQueues Queues => MessageQueues.InFolder(folder.Path, TimeProvider.System);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task One_is_put_back_or_discarded_and_the_others_stay()
    {
        var ids = new List<string>();
        // More than a queue gives at once.
        for (var i = 0; i < 40; i++) ids.Add(await Queues.Open("second-poison").SendAsync($"text {i}", Timeout.InfiniteTimeSpan, Cancelled));
        var poison = new PoisonMessages(Queues, ["first", "second"]);

        Assert.Equal(32, (await poison.ListAsync(Cancelled)).Messages.Count);
        Assert.True(await poison.SettleAsync(ids[38], requeue: true, Cancelled));
        Assert.True(await poison.SettleAsync(ids[0], requeue: false, Cancelled));
        Assert.False(await poison.SettleAsync(ids[0], requeue: true, Cancelled));

        Assert.Equal("text 38", Assert.Single(await Queues.Open("second").PeekAsync(32, Cancelled)).Text);
        Assert.Equal(38, await Queues.Open("second-poison").CountAsync(Cancelled));
        // None of them was left hidden.
        var rest = new List<ReceivedMessage>();
        while (await Queues.Open("second-poison").ReceiveAsync(32, TimeSpan.FromMinutes(1), Cancelled) is { Count: > 0 } some) rest.AddRange(some);
        Assert.Equal(38, rest.Count);
    }
}
