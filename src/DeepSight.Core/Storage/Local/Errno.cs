namespace DeepSight.Core.Storage.Local;

/// <summary>Linux error numbers; .NET carries them in <see cref="Exception.HResult"/> of an <see cref="IOException"/>.</summary>
internal static class Errno
{
    public const int WouldBlock = 11;
    public const int Exists = 17;
    public const int Invalid = 22;
    public const int FileTooLarge = 27;
    public const int NoSpace = 28;
    public const int ReadOnlyFileSystem = 30;
    public const int NoSystemCall = 38;
    public const int NotSupported = 95;
    public const int QuotaExceeded = 122;
}
