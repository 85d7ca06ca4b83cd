using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Delivery;

/// <summary>.github/workflows. They are not run here: that takes GitHub.</summary>
public sealed class WorkflowTests
{
    [Fact]
    public async Task The_workflows_pass_actionlint() => (await Script.RunAsync(".github/check.sh")).EndedWith(0);

    [Fact]
    public async Task A_workflow_with_a_fault_fails_the_check()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "bad.yml");
        await File.WriteAllTextAsync(file, """
            on: push
            jobs:
              backup:
                runs-on: ubuntu-24.04
                steps:
                  - run: echo ${{ secret.DATABASE_URL }}
            """, TestContext.Current.CancellationToken);

        var result = await Script.RunAsync(".github/check.sh", file);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("""undefined variable "secret".""", result.Errors, StringComparison.Ordinal);
    }

    /// <summary>The script of the step itself, taken out of the workflow.</summary>
    [Theory]
    [InlineData("db-backup.yml", "DATABASE_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")]
    [InlineData("deploy.yml", "DATABASE_URL", "ALERT_EMAIL", "AZURE_CLIENT_ID")]
    public async Task Every_secret_that_is_missing_is_named_and_ends_the_run(string workflow, params string[] needed)
    {
        var script = StepScript(workflow, "Check that the secrets are there");
        var allMissing = await RunStepAsync(script, []);
        var oneMissing = await RunStepAsync(script, [.. AllNames(script).Except([needed[0]])]);
        var noneMissing = await RunStepAsync(script, AllNames(script));

        Assert.Equal((1, 1, 0), (allMissing.ExitCode, oneMissing.ExitCode, noneMissing.ExitCode));
        Assert.All(needed, name => Assert.Contains($"::error::The secret {name} is missing", allMissing.Output, StringComparison.Ordinal));
        Assert.Single(oneMissing.Output.Split('\n'), line => line.StartsWith($"::error::The secret {needed[0]} is missing", StringComparison.Ordinal));
    }

    private static Task<Cli.CommandResult> RunStepAsync(string script, string[] present) => Script.RunLineAsync(
        ["env", "-i", .. present.Select(name => $"{name}=there"), "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]);

    private static string[] AllNames(string script) =>
        script.Split('\n')[1].Trim()["for name in ".Length..^"; do".Length].Split(' ');

    private static string StepScript(string workflow, string step)
    {
        var lines = File.ReadAllLines(Path.Combine(Clone.Root, ".github", "workflows", workflow));
        var from = Array.FindIndex(lines, line => line.Trim() == $"- name: {step}");
        return string.Join('\n', lines.Skip(from).SkipWhile(line => line.Trim() != "run: |").Skip(1)
            .TakeWhile(line => line.StartsWith("          ", StringComparison.Ordinal))
            .Select(line => line[10..]));
    }
}
