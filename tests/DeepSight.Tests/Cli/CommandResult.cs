using System.Text.Json;

namespace DeepSight.Tests.Cli;

/// <summary>How a command ended, and what it printed.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    /// <summary>Of <c>--json</c>: the one object.</summary>
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    /// <summary>Fails with all that was printed when the command did not end so.</summary>
    public CommandResult EndedWith(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode} instead of {exitCode}\n{Output}\n{Errors}");
        return this;
    }

    /// <summary>A failure as it must look: this exit code, one message with these words, one hint.</summary>
    public CommandResult FailedWith(int exitCode, params string[] words)
    {
        EndedWith(exitCode);
        Assert.Single(Errors.Split('\n'), line => line.StartsWith('✗'));
        Assert.Single(Errors.Split('\n'), line => line.TrimStart().StartsWith("Hint:", StringComparison.Ordinal));
        Assert.All(words, word => Assert.Contains(word, Errors, StringComparison.Ordinal));
        return this;
    }
}
