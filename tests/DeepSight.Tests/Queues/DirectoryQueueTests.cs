using DeepSight.Core;
using DeepSight.Core.Queues;
using DeepSight.Tests.Storage;
using Microsoft.Extensions.Time.Testing;

namespace DeepSight.Tests.Queues;

public sealed class DirectoryQueueTests : MessageQueueContract, IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 23, 3, 0, 0, TimeSpan.Zero));

    public void Dispose() => folder.Dispose();

    protected override Task<IMessageQueues> OpenAsync() => Task.FromResult<IMessageQueues>(new DirectoryQueues(folder.Path, clock));

    protected override Task PassAsync(TimeSpan time)
    {
        clock.Advance(time);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task What_a_killed_sender_left_is_no_message_and_is_swept_later()
    {
        var queue = new DirectoryQueues(folder.Path, clock).Open("requests");
        await queue.SendAsync("whole", MessageText.DefaultTimeToLive, Cancelled);
        var half = Path.Combine(folder.Path, "requests", "0123.unfinished");
        await File.WriteAllTextAsync(half, "hal", Cancelled);

        Assert.Equal(1, await queue.CountAsync(Cancelled));
        Assert.True(File.Exists(half));

        File.SetLastWriteTimeUtc(half, File.GetLastWriteTimeUtc(half).AddHours(-2));
        Assert.Equal(1, await queue.CountAsync(Cancelled));
        Assert.False(File.Exists(half));
    }

    [Fact]
    public async Task Foreign_files_in_the_folder_are_left_alone()
    {
        var queue = new DirectoryQueues(folder.Path, clock).Open("requests");
        await queue.SendAsync("x", MessageText.DefaultTimeToLive, Cancelled);
        var foreign = Path.Combine(folder.Path, "requests", "notes_1_2_3_4_5_6.msg");
        await File.WriteAllTextAsync(foreign, "mine", Cancelled);

        Assert.Single(await queue.ReceiveAsync(32, TimeSpan.FromMinutes(1), Cancelled));
        Assert.True(File.Exists(foreign));
    }

    [Fact]
    public async Task The_order_holds_while_the_clock_stands_still_or_runs_back()
    {
        var queue = new DirectoryQueues(folder.Path, clock).Open("requests");
        await queue.SendAsync("first", MessageText.DefaultTimeToLive, Cancelled);
        clock.AdjustTime(clock.GetUtcNow() - TimeSpan.FromSeconds(30));
        await queue.SendAsync("second", MessageText.DefaultTimeToLive, Cancelled);
        await queue.SendAsync("third", MessageText.DefaultTimeToLive, Cancelled);
        clock.AdjustTime(clock.GetUtcNow() + TimeSpan.FromMinutes(1));

        var texts = (await queue.ReceiveAsync(32, TimeSpan.FromMinutes(1), Cancelled)).Select(message => message.Text);
        Assert.Equal(["first", "second", "third"], texts);
    }

    [Fact]
    public async Task Only_its_user_may_read_the_messages()
    {
        await new DirectoryQueues(folder.Path, clock).Open("requests").SendAsync("x", MessageText.DefaultTimeToLive, Cancelled);
        if (OperatingSystem.IsWindows()) return;

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(Path.Combine(folder.Path, "requests")));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_named()
    {
        var file = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(file, "", Cancelled);

        var failure = await Assert.ThrowsAsync<DeepSightException>(() =>
            new DirectoryQueues(file, clock).Open("requests").SendAsync("x", MessageText.DefaultTimeToLive, Cancelled));
        Assert.Equal(FailureKind.Failed, failure.Kind);
        Assert.Contains(file, failure.Message, StringComparison.Ordinal);
    }
}
