using Microsoft.Extensions.Logging;

namespace DeepSight.Cli.Output;

/// <summary>A command prints its own result; of what jobs log, only what went wrong on the way is shown.</summary>
internal sealed class TerminalLoggerProvider(Terminal terminal) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) terminal.Warning(formatter(state, exception));
    }
}
