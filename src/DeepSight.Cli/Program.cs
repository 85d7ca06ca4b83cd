using System.Runtime.InteropServices;
using DeepSight.Cli;
using DeepSight.Cli.Output;
using DeepSight.Core;

using var limit = FileSizeLimit.LetWritesFail();
using var streams = StandardStreams.Open();

using var interrupted = new CancellationTokenSource();
using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);

return await CommandLine.RunAsync(args, streams, interrupted.Token);

// The first signal cancels: the job cleans up and ends with 130. A second one ends the process at once.
void Cancel(PosixSignalContext signal)
{
    signal.Cancel = !interrupted.IsCancellationRequested;
    if (signal.Cancel) interrupted.Cancel();
}
