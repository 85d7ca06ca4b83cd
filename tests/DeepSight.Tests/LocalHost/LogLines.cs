using System.Collections.Concurrent;
using DeepSight.Core;
using Microsoft.Extensions.Logging;

namespace DeepSight.Tests.LocalHost;

/// <summary>Keeps the log as lines: <c>Warning Timers: text</c>.</summary>
internal sealed class LogLines : ILoggerProvider
{
    private readonly ConcurrentQueue<string> lines = new();

    public IReadOnlyList<string> Lines => [.. lines];

    public bool Has(string text) => lines.Any(line => line.Contains(text, StringComparison.Ordinal));

    public int Count(string text) => lines.Count(line => line.Contains(text, StringComparison.Ordinal));

    public ILogger CreateLogger(string categoryName) => new Category(categoryName, lines);

    public void Dispose()
    {
    }

    public override string ToString() => string.Join(Environment.NewLine, lines);

    private sealed class Category(string name, ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel} {name}: {formatter(state, null)}{(exception is null ? "" : $" [{exception.GetType().Name}: {exception.Message}{(exception is DeepSightException e ? " " + e.Hint : "")}]")}");
    }
}
