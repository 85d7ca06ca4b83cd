using System.Globalization;
using DeepSight.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace DeepSight.LocalHost;

/// <summary>One line a message: <c>03:00:00 warn  Backup: text</c>. Times are UTC. A known failure prints its message and hint, others all they have.</summary>
internal sealed class LineFormatter(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "line";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var time = clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        textWriter.WriteLine($"{time} {Level(logEntry.LogLevel)}  {logEntry.Category}: {logEntry.Formatter(logEntry.State, null)}");
        switch (logEntry.Exception)
        {
            case null:
                break;
            case DeepSightException failure:
                textWriter.WriteLine($"    {failure.Message}");
                if (failure.Hint is not null) textWriter.WriteLine($"    Hint: {failure.Hint}");
                break;
            default:
                textWriter.WriteLine($"    {logEntry.Exception.ToString().ReplaceLineEndings("\n    ")}");
                break;
        }
    }

    private static string Level(LogLevel level) => level switch
    {
        LogLevel.Critical => "crit",
        LogLevel.Error => "fail",
        LogLevel.Warning => "warn",
        LogLevel.Information => "info",
        LogLevel.Debug => "dbug",
        _ => "trce",
    };
}
