using DeepSight.Core;
using DeepSight.Core.Queues;

namespace DeepSight.Tests.Queues;

/// <summary>What every queue must do; each derived class runs all of it over one provider.</summary>
public abstract class MessageQueueContract
{
    private static readonly TimeSpan Hidden = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Shortly = TimeSpan.FromSeconds(2);

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    protected abstract Task<IMessageQueues> OpenAsync();

    /// <summary>Moves the queue's clock on, or waits.</summary>
    protected abstract Task PassAsync(TimeSpan time);

    private async Task<IMessageQueue> NewQueueAsync() => (await OpenAsync()).Open($"q-{Guid.NewGuid():N}");

    private static Task<string> SendAsync(IMessageQueue queue, string text) => queue.SendAsync(text, MessageText.DefaultTimeToLive, Cancelled);

    private static async Task<ReceivedMessage?> ReceiveOneAsync(IMessageQueue queue, TimeSpan visibility) =>
        (await queue.ReceiveAsync(1, visibility, Cancelled)).SingleOrDefault();

    [Fact]
    public async Task A_queue_that_was_never_sent_to_is_empty()
    {
        var queue = await NewQueueAsync();
        Assert.Empty(await queue.ReceiveAsync(32, Hidden, Cancelled));
        Assert.Empty(await queue.PeekAsync(32, Cancelled));
        Assert.Equal(0, await queue.CountAsync(Cancelled));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("""{"schema_version":1,"backup":"é <&> \"x\""}""")]
    [InlineData("  spaces and\nlines\t")]
    [InlineData("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;]]>&#0;&#xD800;</x>")]
    [InlineData("{\"backup\":\"\\ud800\\u0000\"} \u202e \ufffd")]
    [InlineData("")]
    public async Task A_text_comes_out_as_it_went_in(string text)
    {
        var queue = await NewQueueAsync();
        var id = await SendAsync(queue, text);

        var received = await ReceiveOneAsync(queue, Hidden);
        Assert.Equal((id, text, 1), (received!.Id, received.Text, received.DequeueCount));
        Assert.Equal(TimeSpan.FromDays(7), received.Expires - received.Inserted);
    }

    [Fact]
    public async Task Messages_come_in_the_order_in_which_they_were_sent()
    {
        var queue = await NewQueueAsync();
        for (var i = 0; i < 40; i++) await SendAsync(queue, $"{i}");

        var first = await queue.ReceiveAsync(32, Hidden, Cancelled);
        var second = await queue.ReceiveAsync(32, Hidden, Cancelled);
        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"{i}"), first.Concat(second).Select(message => message.Text));
    }

    [Fact]
    public async Task A_received_message_is_hidden_until_its_time_ends_and_then_counts_again()
    {
        var queue = await NewQueueAsync();
        await SendAsync(queue, "x");

        Assert.Equal(1, (await ReceiveOneAsync(queue, Shortly))!.DequeueCount);
        Assert.Null(await ReceiveOneAsync(queue, Shortly));
        Assert.Empty(await queue.PeekAsync(1, Cancelled));
        Assert.Equal(1, await queue.CountAsync(Cancelled));

        await PassAsync(Shortly * 1.2);
        Assert.Equal(2, (await ReceiveOneAsync(queue, Shortly))!.DequeueCount);
    }

    [Fact]
    public async Task A_deleted_message_is_gone_and_deleting_it_again_says_so()
    {
        var queue = await NewQueueAsync();
        await SendAsync(queue, "x");
        var received = await ReceiveOneAsync(queue, Hidden);

        Assert.True(await queue.DeleteAsync(received!, Cancelled));
        Assert.False(await queue.DeleteAsync(received!, Cancelled));
        Assert.Null(await queue.RenewAsync(received!, Hidden, Cancelled));
        Assert.Equal(0, await queue.CountAsync(Cancelled));
    }

    [Fact]
    public async Task A_receipt_is_stale_once_someone_else_has_received_the_message()
    {
        var queue = await NewQueueAsync();
        await SendAsync(queue, "x");
        var first = await ReceiveOneAsync(queue, Shortly);
        await PassAsync(Shortly * 1.2);
        var second = await ReceiveOneAsync(queue, Hidden);

        Assert.False(await queue.DeleteAsync(first!, Cancelled));
        Assert.Null(await queue.RenewAsync(first!, Hidden, Cancelled));
        Assert.True(await queue.DeleteAsync(second!, Cancelled));
    }

    [Fact]
    public async Task A_receipt_stays_good_after_its_time_while_nobody_else_came()
    {
        var queue = await NewQueueAsync();
        await SendAsync(queue, "x");
        var received = await ReceiveOneAsync(queue, Shortly);
        await PassAsync(Shortly * 1.2);

        Assert.True(await queue.DeleteAsync(received!, Cancelled));
    }

    [Fact]
    public async Task A_renewed_message_stays_hidden_and_its_old_receipt_is_stale()
    {
        var queue = await NewQueueAsync();
        await SendAsync(queue, "x");
        var received = await ReceiveOneAsync(queue, Shortly);
        var renewed = await queue.RenewAsync(received!, Hidden, Cancelled);
        await PassAsync(Shortly * 1.2);

        Assert.Null(await ReceiveOneAsync(queue, Hidden));
        Assert.False(await queue.DeleteAsync(received!, Cancelled));
        Assert.True(renewed!.NextVisible > received!.NextVisible);
        Assert.Equal(1, renewed.DequeueCount);
        Assert.True(await queue.DeleteAsync(renewed, Cancelled));
    }

    [Fact]
    public async Task A_message_given_back_is_there_at_once()
    {
        var queue = await NewQueueAsync();
        await SendAsync(queue, "x");
        var received = await ReceiveOneAsync(queue, Hidden);
        await queue.RenewAsync(received!, TimeSpan.Zero, Cancelled);

        Assert.Equal(2, (await ReceiveOneAsync(queue, Hidden))!.DequeueCount);
    }

    [Fact]
    public async Task Peeking_takes_nothing()
    {
        var queue = await NewQueueAsync();
        await SendAsync(queue, "a");
        await SendAsync(queue, "b");

        Assert.Equal(["a", "b"], (await queue.PeekAsync(32, Cancelled)).Select(message => message.Text));
        Assert.Equal(["a"], (await queue.PeekAsync(1, Cancelled)).Select(message => message.Text));
        Assert.Equal(["a", "b"], (await queue.ReceiveAsync(32, Hidden, Cancelled)).Select(message => message.Text));
    }

    [Fact]
    public async Task A_message_is_gone_when_its_time_to_live_ends()
    {
        var queue = await NewQueueAsync();
        await queue.SendAsync("short", Shortly, Cancelled);
        await queue.SendAsync("for ever", Timeout.InfiniteTimeSpan, Cancelled);
        await PassAsync(Shortly * 1.2);

        Assert.Equal(["for ever"], (await queue.ReceiveAsync(32, Hidden, Cancelled)).Select(message => message.Text));
    }

    [Fact]
    public async Task A_text_of_64_KB_is_taken_and_a_byte_more_is_refused()
    {
        var queue = await NewQueueAsync();
        await SendAsync(queue, new string('x', MessageText.MaxBytes));
        Assert.Equal(MessageText.MaxBytes, (await ReceiveOneAsync(queue, Hidden))!.Text.Length);

        var failure = await Assert.ThrowsAsync<DeepSightException>(() => SendAsync(queue, new string('x', MessageText.MaxBytes + 1)));
        Assert.Equal(FailureKind.InvalidInput, failure.Kind);
        Assert.Contains("65,537", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Characters_that_XML_has_not_are_refused()
    {
        var queue = await NewQueueAsync();
        var failure = await Assert.ThrowsAsync<DeepSightException>(() => SendAsync(queue, "a\u0001b"));
        Assert.Equal(FailureKind.InvalidInput, failure.Kind);
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("Upper")]
    [InlineData("-start")]
    [InlineData("two--dashes")]
    [InlineData("../escape")]
    public async Task A_name_against_the_rules_is_refused(string name)
    {
        var queues = await OpenAsync();
        Assert.Equal(FailureKind.InvalidInput, Assert.Throws<DeepSightException>(() => queues.Open(name)).Kind);
    }

    [Fact]
    public async Task A_poisoned_message_moves_with_its_text()
    {
        var queues = await OpenAsync();
        var queue = queues.Open($"q-{Guid.NewGuid():N}");
        await SendAsync(queue, "bad");
        var received = await ReceiveOneAsync(queue, Hidden);

        Assert.True(await PoisonQueue.MoveAsync(queues, queue, received!, Cancelled));
        Assert.Equal(0, await queue.CountAsync(Cancelled));
        Assert.Equal("bad", (await queues.Open($"{queue.Name}-poison").PeekAsync(1, Cancelled)).Single().Text);
    }

    [Fact]
    public async Task Several_consumers_never_get_the_same_message()
    {
        var queue = await NewQueueAsync();
        for (var i = 0; i < 60; i++) await SendAsync(queue, $"{i}");

        var taken = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(DrainAsync)));
        Assert.Equal(Enumerable.Range(0, 60).Select(i => $"{i}").Order(), taken.SelectMany(texts => texts).Order());

        async Task<List<string>> DrainAsync()
        {
            var texts = new List<string>();
            while (await queue.ReceiveAsync(3, Hidden, Cancelled) is { Count: > 0 } batch)
                foreach (var message in batch)
                {
                    texts.Add(message.Text);
                    Assert.True(await queue.DeleteAsync(message, Cancelled));
                }

            return texts;
        }
    }
}
