using DeepSight.Core;
using DeepSight.LocalHost;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DeepSight.Tests.LocalHost;

public sealed class LineFormatterTests
{
    private static string Format(LogLevel level, Exception? exception)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var entry = new LogEntry<string>(level, "Backup", default, "text", exception, (state, _) => state);
        new LineFormatter(new FakeTimeProvider(TestApp.Start)).Write(entry, scopeProvider: null, output);
        return output.ToString();
    }

    [Fact]
    public void A_message_is_one_line_in_UTC() =>
        Assert.Equal("2026-11-23 02:00:00Z info  Backup: text\n", Format(LogLevel.Information, exception: null));

    [Fact]
    public void A_known_failure_shows_its_message_and_hint_and_no_stack() =>
        Assert.Equal("2026-11-23 02:00:00Z fail  Backup: text\n    no bucket\n    Hint: make one\n",
            Format(LogLevel.Error, new DeepSightException(FailureKind.Failed, "no bucket", "make one")));

    [Fact]
    public void An_unknown_failure_shows_all_it_has() =>
        Assert.Contains("    System.InvalidOperationException: surprise", Format(LogLevel.Error, new InvalidOperationException("surprise")), StringComparison.Ordinal);
}
