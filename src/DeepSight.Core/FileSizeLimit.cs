using System.Runtime.InteropServices;

namespace DeepSight.Core;

/// <summary>A write beyond the process's limit (<c>ulimit -f</c>) fails and is told, where it would end the process without a word.</summary>
public static class FileSizeLimit
{
    /// <summary>SIGXFSZ, on Linux and macOS.</summary>
    private const PosixSignal FileTooLarge = (PosixSignal)25;

    /// <returns>To be kept for as long as it is to hold.</returns>
    public static IDisposable LetWritesFail() => PosixSignalRegistration.Create(FileTooLarge, context => context.Cancel = true);
}
