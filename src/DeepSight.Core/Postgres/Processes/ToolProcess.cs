using System.ComponentModel;
using System.Diagnostics;
using System.IO.Pipelines;

namespace DeepSight.Core.Postgres.Processes;

/// <summary>
/// A running tool. Its stderr is always drained, its output read at the caller's pace. When the token given at the start fires
/// it is sent SIGTERM, and after <see cref="ToolCommand.KillAfter"/> killed with all its children. Success is never assumed: a
/// tool that prints and then fails ends its output normally, so <see cref="WaitForSuccessAsync"/> comes before anything is made
/// of what it printed.
/// </summary>
public sealed class ToolProcess : IAsyncDisposable
{
    private const int ChunkSize = 128 * 1024;

    private const int Interrupted = 128 + 2;

    /// <summary>What psql, interrupted, has the server say.</summary>
    private const string CancelledByUser = "canceling statement due to user request";

    private static readonly TimeSpan InterruptPatience = TimeSpan.FromSeconds(1);

    private readonly ToolCommand command;
    private readonly Process process;
    private readonly CancellationToken cancellation;
    private readonly CancellationTokenRegistration registration;
    private readonly ErrorTail errors;
    private readonly Task exited;
    private readonly Task errorsRead;
    private readonly Task outputRead;
    private readonly Pipe output = new(new PipeOptions(
        pauseWriterThreshold: 1024 * 1024, resumeWriterThreshold: 512 * 1024, minimumSegmentSize: ChunkSize, useSynchronizationContext: false));
    private readonly Lock sync = new();
    private Task? stopping;

    private ToolProcess(ToolCommand command, Process process, CancellationToken cancellationToken)
    {
        this.command = command;
        this.process = process;
        cancellation = cancellationToken;
        Id = process.Id;
        Output = output.Reader.AsStream();
        errors = new ErrorTail(command.Secrets);
        exited = process.WaitForExitAsync(CancellationToken.None);
        errorsRead = PipeReading.RunAsync(process.StandardError.BaseStream, ReadErrors, exited);
        outputRead = ReadOutputAsync();
        if (!command.WithInput) process.StandardInput.Close();
        registration = cancellationToken.Register(() => _ = StopAsync());
    }

    /// <summary>The process id. In <c>ps</c> a bundled tool is called ld-linux-x86-64.</summary>
    public int Id { get; }

    /// <summary>
    /// What it prints, buffered up to 1 MiB ahead of the reader: who reads slowly slows the tool. Read it to its end before
    /// waiting for success. After a cancellation it throws <see cref="OperationCanceledException"/> rather than end early.
    /// </summary>
    public Stream Output { get; }

    /// <summary>What it reads; close it to end its input. A write fails with <see cref="IOException"/> when the tool has ended.</summary>
    public Stream Input => command.WithInput
        ? process.StandardInput.BaseStream
        : throw new InvalidOperationException($"{command.Name} was started without input.");

    /// <summary>The last 16 KiB of what it wrote to stderr so far, without secrets.</summary>
    public string ErrorTail => errors.ToString();

    /// <exception cref="DeepSightException">The program can't be started.</exception>
    public static ToolProcess Start(ToolCommand command, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var start = new ProcessStartInfo(command.Program, command.Arguments)
        {
            UseShellExecute = false,
            WorkingDirectory = command.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        ToolEnvironment.Apply(command.Environment, start);
        return new ToolProcess(command, Launch(start, command.Name), cancellationToken);
    }

    /// <summary>Waits until it has ended and its stderr is read.</summary>
    /// <exception cref="OperationCanceledException">The token given at the start has fired; the process is gone by then.</exception>
    public async Task<ToolExit> WaitForExitAsync()
    {
        await exited;
        await errorsRead;
        if (cancellation.IsCancellationRequested) await StopAsync();
        cancellation.ThrowIfCancellationRequested();
        return new ToolExit(process.ExitCode);
    }

    /// <summary>Waits for exit code 0.</summary>
    /// <exception cref="DeepSightException">Any other end; the message has the end of what it wrote to stderr, without secrets.</exception>
    /// <exception cref="OperationCanceledException">The token given at the start has fired; the process is gone by then.</exception>
    public async Task WaitForSuccessAsync()
    {
        var exit = await WaitForExitAsync();
        if (exit.IsSuccess) return;

        var said = ErrorTail;
        // A terminal's Ctrl-C goes to the tool as well as to us, and the tool may be the quicker one.
        if (exit.Code == Interrupted || said.Contains(CancelledByUser, StringComparison.Ordinal)) await Task.Delay(InterruptPatience, cancellation);
        throw new DeepSightException(FailureKind.Failed,
            $"{command.Name} failed with {exit}{(said.Length == 0 ? "; it said nothing." : ":\n" + LastLines(said))}",
            command.HintFor(said));
    }

    /// <summary>Ends it as a cancellation does, if it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        await registration.DisposeAsync();
        if (!exited.IsCompleted || cancellation.IsCancellationRequested) await StopAsync();
        await output.Reader.CompleteAsync();
        await errorsRead;
        await outputRead;
        // Process.Dispose leaves streams alone that were handed out.
        await process.StandardInput.BaseStream.DisposeAsync();
        process.StandardOutput.Dispose();
        process.StandardError.Dispose();
        process.Dispose();
    }

    private static Process Launch(ProcessStartInfo start, string name)
    {
        const int textFileBusy = 26;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Process.Start(start)!;
            }
            catch (Win32Exception e) when (e.NativeErrorCode == textFileBusy && attempt < 20)
            {
                // The program was written a moment ago and a child that another thread is just forking still has it open.
                Thread.Sleep(5);
            }
            catch (Win32Exception e)
            {
                throw new DeepSightException(FailureKind.Failed, $"{name} can't be started: {new Win32Exception(e.NativeErrorCode).Message}.", inner: e);
            }
        }
    }

    private int ReadErrors(Stream pipe)
    {
        Span<byte> chunk = stackalloc byte[16 * 1024];
        var got = pipe.Read(chunk);
        errors.Append(chunk[..got]);
        return got;
    }

    /// <summary>Blocks while the reader is a mebibyte behind; 0 at the end, and when nobody reads any more.</summary>
    private int ReadOutput(Stream pipe)
    {
        var got = pipe.Read(output.Writer.GetSpan(ChunkSize));
        output.Writer.Advance(got);
        var flush = output.Writer.FlushAsync(CancellationToken.None);
        return (flush.IsCompleted ? flush.Result : flush.AsTask().GetAwaiter().GetResult()).IsCompleted ? 0 : got;
    }

    private async Task ReadOutputAsync()
    {
        Exception? failure = null;
        try
        {
            await PipeReading.RunAsync(process.StandardOutput.BaseStream, ReadOutput, exited);
            if (cancellation.IsCancellationRequested) failure = new OperationCanceledException(cancellation);
        }
        catch (Exception e)
        {
            // Not lost: whoever reads the output gets it.
            failure = e;
        }

        await output.Writer.CompleteAsync(failure);
    }

    private Task StopAsync()
    {
        lock (sync) return stopping ??= Task.Run(EndAsync);
    }

    private async Task EndAsync()
    {
        // Taken before the tool ends: its children are then given another parent and can't be found any more.
        var descendants = ProcessTree.DescendantsOf(Id);
        if (!process.HasExited) ProcessTree.Signal(Id, ProcessTree.Terminate);
        try
        {
            await exited.WaitAsync(command.KillAfter);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            await exited;
        }

        foreach (var descendant in descendants) ProcessTree.KillIfAlive(descendant);
    }

    /// <summary>As much as a message bears; the whole tail is in <see cref="ErrorTail"/>.</summary>
    private static string LastLines(string text)
    {
        const int most = 2000;
        if (text.Length <= most) return text;
        var cut = text[^most..];
        return "[…] " + (cut.IndexOf('\n') is >= 0 and var end ? cut[(end + 1)..] : cut);
    }
}

/// <summary>How a tool ended. A signal shows as 128 + its number, as in a shell.</summary>
public readonly record struct ToolExit(int Code)
{
    public bool IsSuccess => Code == 0;

    /// <summary><c>exit code 1</c>, or <c>exit code 137, that is signal 9 (SIGKILL): …</c>.</summary>
    public override string ToString() => Code switch
    {
        128 + 9 => "exit code 137, that is signal 9 (SIGKILL): killed from outside, often for want of memory",
        128 + 6 => "exit code 134, that is signal 6 (SIGABRT): it gave itself up",
        128 + 11 => "exit code 139, that is signal 11 (SIGSEGV): it crashed",
        128 + 13 => "exit code 141, that is signal 13 (SIGPIPE): nobody read its output any more",
        128 + 15 => "exit code 143, that is signal 15 (SIGTERM): stopped from outside",
        > 128 and < 128 + 65 => $"exit code {Code}, that is signal {Code - 128}",
        _ => $"exit code {Code}",
    };
}
