using System.Diagnostics;
using System.Text.Json;
using DeepSight.Core;
using DeepSight.Core.Postgres.Processes;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Postgres.Processes;

public sealed class ToolProcessTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Output_is_read_to_its_end_and_success_is_told()
    {
        using var fake = new FakeTools("dump 20");
        await using var tool = ToolProcess.Start(fake.Command, Cancelled);

        var said = await ReadAsync(tool);
        await tool.WaitForSuccessAsync();

        Assert.EndsWith("-- PostgreSQL database dump complete\n--\n\n", said, StringComparison.Ordinal);
        Assert.InRange(said.Length, 20 * 1000 * 1000, 21 * 1024 * 1024);
    }

    [Fact]
    public async Task A_tool_that_prints_and_then_fails_ends_its_output_normally_but_is_no_success()
    {
        using var fake = new FakeTools("dump-then-fail 1");
        await using var tool = ToolProcess.Start(fake.Command, Cancelled);

        Assert.NotEmpty(await ReadAsync(tool));
        var failure = await Assert.ThrowsAsync<DeepSightException>(tool.WaitForSuccessAsync);

        Assert.Equal("pg_dump 99.1 failed with exit code 1:\npg_dump: error: query failed: ERROR:  relation \"gone\" does not exist", failure.Message);
    }

    [Fact]
    public async Task A_failure_without_words_is_told_as_that()
    {
        using var fake = new FakeTools("fail-silently");
        await using var tool = ToolProcess.Start(fake.Command, Cancelled);

        var failure = await Assert.ThrowsAsync<DeepSightException>(tool.WaitForSuccessAsync);

        Assert.Equal("pg_dump 99.1 failed with exit code 3; it said nothing.", failure.Message);
    }

    [Theory]
    [InlineData(9, "SIGKILL")]
    [InlineData(15, "SIGTERM")]
    public async Task A_death_by_signal_is_named(int signal, string name)
    {
        using var fake = new FakeTools($"die-by-signal {signal}");
        await using var tool = ToolProcess.Start(fake.Command, Cancelled);

        var failure = await Assert.ThrowsAsync<DeepSightException>(tool.WaitForSuccessAsync);

        Assert.Contains($"signal {signal} ({name})", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flood_on_stderr_does_not_block_and_only_its_end_is_kept()
    {
        using var fake = new FakeTools("flood-stderr 100");
        await using var tool = ToolProcess.Start(fake.Command, Cancelled);

        var failure = await Assert.ThrowsAsync<DeepSightException>(tool.WaitForSuccessAsync);

        Assert.EndsWith("pg_dump: error: the last word", failure.Message, StringComparison.Ordinal);
        Assert.InRange(tool.ErrorTail.Length, 15_000, 16 * 1024 + 10);
        Assert.InRange(failure.Message.Length, 100, 2_500);
    }

    [Fact]
    public async Task Secrets_that_the_tool_prints_are_scrubbed()
    {
        using var fake = new FakeTools("tell-the-password");
        await using var tool = ToolProcess.Start(fake.Command with
        {
            Environment = new Dictionary<string, string> { ["PGPASSWORD"] = "s3cret" },
            Secrets = ["s3cret"],
        }, Cancelled);

        var failure = await Assert.ThrowsAsync<DeepSightException>(tool.WaitForSuccessAsync);

        Assert.EndsWith("could not log in with ***", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", tool.ErrorTail + failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelled_it_is_gone_and_its_output_does_not_just_end()
    {
        using var fake = new FakeTools("hang");
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        await using var tool = ToolProcess.Start(fake.Command, cancellation.Token);
        var reader = new StreamReader(tool.Output);
        await reader.ReadLineAsync(Cancelled);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader.ReadToEndAsync(CancellationToken.None));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(tool.WaitForSuccessAsync);
        Assert.False(IsAlive(tool.Id));
    }

    [Theory]
    [InlineData("ignore-sigterm", false)]
    [InlineData("hang", true)]
    public async Task A_tool_that_ignores_SIGTERM_or_is_stopped_is_killed_after_its_grace(string behaviour, bool stopped)
    {
        using var fake = new FakeTools(behaviour);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        await using var tool = ToolProcess.Start(fake.Command with { KillAfter = TimeSpan.FromMilliseconds(500) }, cancellation.Token);
        await new StreamReader(tool.Output).ReadLineAsync(Cancelled);

        if (stopped) using (var stop = Process.Start("kill", ["-STOP", $"{tool.Id}"])) await stop.WaitForExitAsync(Cancelled);

        var began = Stopwatch.GetTimestamp();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(tool.WaitForExitAsync);

        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0.4, 30);
        Assert.False(IsAlive(tool.Id));
    }

    [Fact]
    public async Task Cancelled_it_takes_its_children_with_it()
    {
        using var fake = new FakeTools("hang-with-a-grandchild");
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        await using var tool = ToolProcess.Start(fake.Command, cancellation.Token);
        var grandchild = int.Parse((await new StreamReader(tool.Output).ReadLineAsync(Cancelled))![3..], System.Globalization.CultureInfo.InvariantCulture);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(tool.WaitForExitAsync);

        Assert.False(IsAlive(tool.Id));
        // Killed, and to be reaped by init a moment later.
        await Eventually.HoldsAsync(() => !IsAlive(grandchild), () => $"Process {grandchild} lives.");
    }

    [Fact]
    public async Task Disposed_while_it_runs_it_is_gone()
    {
        using var fake = new FakeTools("hang");
        var tool = ToolProcess.Start(fake.Command, Cancelled);
        await new StreamReader(tool.Output).ReadLineAsync(Cancelled);

        await tool.DisposeAsync();

        Assert.False(IsAlive(tool.Id));
    }

    [Fact]
    public async Task Disposed_with_output_that_nobody_read_it_is_gone()
    {
        using var fake = new FakeTools("dump 50");
        var tool = ToolProcess.Start(fake.Command, Cancelled);
        await tool.Output.ReadExactlyAsync(new byte[1000], Cancelled);

        await tool.DisposeAsync();

        Assert.False(IsAlive(tool.Id));
    }

    [Fact]
    public async Task A_grandchild_that_keeps_the_pipes_open_does_not_hold_us_up()
    {
        using var fake = new FakeTools("leave-a-grandchild");
        var began = Stopwatch.GetTimestamp();
        await using var tool = ToolProcess.Start(fake.Command, Cancelled);

        var said = await ReadAsync(tool);
        await tool.WaitForSuccessAsync();

        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 30);
        ProcessTree.Signal(int.Parse(said[3..], System.Globalization.CultureInfo.InvariantCulture), ProcessTree.Terminate);
    }

    [Fact]
    public async Task Killed_ourselves_we_leave_no_tool_behind()
    {
        using var child = new FakeTools("dump 100000");
        using var parent = new FakeTools("be-a-parent");
        var tool = ToolProcess.Start(parent.Command with { Arguments = [child.Command.Program] }, Cancelled);
        var childId = int.Parse((await new StreamReader(tool.Output).ReadLineAsync(Cancelled))!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(IsAlive(childId));

        ProcessTree.Signal(tool.Id, 9);

        await Task.Run(async () => { while (IsAlive(childId)) await Task.Delay(20, Cancelled); }, Cancelled).WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
        await tool.DisposeAsync();
    }

    [Fact]
    public async Task What_it_inherits_is_what_we_give_and_little_more()
    {
        using var fake = new FakeTools("echo");
        await using var tool = ToolProcess.Start(fake.Command with
        {
            Arguments = ["a b", "$HOME", "'\"", ""],
            Environment = new Dictionary<string, string> { ["PGHOST"] = "db" },
        }, Cancelled);

        var said = JsonDocument.Parse(await ReadAsync(tool)).RootElement;

        Assert.Equal(["a b", "$HOME", "'\"", ""], said.GetProperty("arguments").EnumerateArray().Select(argument => argument.GetString()));
        var names = said.GetProperty("environment").EnumerateObject().Select(variable => variable.Name).ToList();
        Assert.Empty(names.Except(["PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "KRB5CCNAME", "KRB5_CONFIG", "LC_ALL", "PGHOST", "PWD", "OLDPWD", "SHLVL", "_"]));
        Assert.Equal("C.UTF-8", said.GetProperty("environment").GetProperty("LC_ALL").GetString());
    }

    [Fact]
    public async Task Its_input_is_written_at_our_pace_and_ends_when_we_close_it()
    {
        using var fake = new FakeTools("count-input");
        await using var tool = ToolProcess.Start(fake.Command with { WithInput = true }, Cancelled);

        for (var i = 0; i < 50; i++) await tool.Input.WriteAsync(new byte[1024 * 1024], Cancelled);
        await tool.Input.DisposeAsync();

        Assert.Equal($"{50 * 1024 * 1024}\n", await ReadAsync(tool));
        await tool.WaitForSuccessAsync();
    }

    [Fact]
    public async Task Without_input_it_finds_its_end_at_once()
    {
        using var fake = new FakeTools("count-input");
        await using var tool = ToolProcess.Start(fake.Command, Cancelled);

        Assert.Equal("0\n", await ReadAsync(tool));
    }

    [Fact]
    public async Task Writing_to_a_tool_that_has_ended_fails_and_its_own_reason_is_told()
    {
        using var fake = new FakeTools("stop-reading");
        await using var tool = ToolProcess.Start(fake.Command with { WithInput = true }, Cancelled);

        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true) await tool.Input.WriteAsync(new byte[1024 * 1024], Cancelled);
        });

        var failure = await Assert.ThrowsAsync<DeepSightException>(tool.WaitForSuccessAsync);
        Assert.Contains("exit code 3", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_is_not_there_is_named()
    {
        var failure = Assert.Throws<DeepSightException>(() => ToolProcess.Start(new ToolCommand { Name = "pg_dump 18.6", Program = "/nowhere/pg_dump" }, Cancelled));

        Assert.StartsWith("pg_dump 18.6 can't be started: ", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<string> ReadAsync(ToolProcess tool)
    {
        using var reader = new StreamReader(tool.Output);
        return await reader.ReadToEndAsync(Cancelled);
    }

    /// <summary>A zombie counts as alive: nobody has waited for it.</summary>
    private static bool IsAlive(int processId) => Directory.Exists($"/proc/{processId}");
}
