using DeepSight.Core;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Cli;

/// <summary>What is typed wrong, and where the answer goes when standard output or error is no terminal at all.</summary>
public sealed class UsageTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("'bakup' is no command of `deepsight`; did you mean backup?", "bakup")]
    [InlineData("'bakup' is no command of `deepsight`; did you mean backup?", "bakup", "--help")]
    [InlineData("'bakup' is no command of `deepsight`; did you mean backup?", "help", "bakup")]
    [InlineData("'upgrad' is no command of `deepsight migrate`; did you mean upgrade?", "migrate", "upgrad", "head")]
    [InlineData("'frob' is no command of `deepsight migrate`.", "migrate", "frob")]
    [InlineData("`deepsight` needs a command.")]
    [InlineData("`deepsight enqueue` needs a command.", "enqueue")]
    [InlineData("'--uplod' is no option of `deepsight backup`; did you mean --upload?", "backup", "--uplod")]
    [InlineData("`deepsight backup` takes no 'extra'.", "backup", "extra")]
    // Where an argument may stand the parser would take these for one.
    [InlineData("'--lates' is no option of `deepsight restore`; did you mean --latest?", "restore", "--lates")]
    [InlineData("'--clena' is no option of `deepsight restore`; did you mean --clean?", "restore", "--into", "--clena", "x.sql.gz")]
    [InlineData("'--qiuck' is no option of `deepsight verify`; did you mean --quick?", "verify", "--qiuck")]
    [InlineData("'-x' is no option of `deepsight pin`.", "pin", "-x")]
    public async Task A_command_line_that_is_wrong_is_told_with_what_was_probably_meant(string message, params string[] arguments)
    {
        var result = (await RunAsync(arguments)).FailedWith(2, message);

        Assert.Contains("--help` shows what it takes", result.Errors, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task A_word_that_begins_with_an_at_sign_is_a_word_and_a_folder_of_pg_dump_is_told_what_to_do()
    {
        var archive = Directory.CreateDirectory(Path.Combine(folder.Path, "archive")).FullName;
        await File.WriteAllTextAsync(Path.Combine(archive, "toc.dat"), "PGDMP", TestContext.Current.CancellationToken);

        var word = await RunAsync("restore", "@daily.sql.gz");
        var form = await CommandProcess.RunAsync(new Dictionary<string, string> { ["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/app" }, "restore", archive, "--yes");

        Assert.DoesNotContain("esponse file", word.Errors, StringComparison.Ordinal);
        word.FailedWith(2, "DATABASE_URL");
        Assert.Contains("pg_restore -f dump.sql", form.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0 0 25 * * *")]
    [InlineData("0 0 3 * * MON#1")]
    [InlineData("every day")]
    public async Task A_schedule_that_no_host_can_read_is_told_by_settings(string schedule)
    {
        var result = await CommandProcess.RunAsync(new Dictionary<string, string> { ["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/app", ["BACKUP_SCHEDULE"] = schedule }, "settings");

        Assert.Contains($"BACKUP_SCHEDULE is '{schedule}', which no host can read", result.Errors + result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_looks_like_an_option_is_an_argument_after_two_dashes_and_a_step_back_is_none()
    {
        (await RunAsync("restore", "--", "--lates")).FailedWith(2, "DATABASE_URL");
        (await RunAsync("migrate", "down", "-1")).FailedWith(2, "DATABASE_URL");
    }

    [Fact]
    public async Task Help_may_come_first()
    {
        var asked = (await RunAsync("help", "restore")).EndedWith(0).Output;

        Assert.Equal((await RunAsync("restore", "--help")).EndedWith(0).Output, asked);
        Assert.Contains("--create-missing-roles", asked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_launcher_does_itself_is_in_its_help_and_nowhere_else()
    {
        var inClone = await CommandProcess.RunAsync([new("DEEPSIGHT_HOME", folder.Path)], "--help");

        Assert.Contains("  native ", inClone.EndedWith(0).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("  native ", (await RunAsync("--help")).EndedWith(0).Output, StringComparison.Ordinal);
    }

    /// <summary>A service that nobody answers for, beside a directory that is fine: each of these has a result and a failure to tell.</summary>
    [Theory]
    [InlineData(1, "list")]
    [InlineData(1, "runs")]
    [InlineData(1, "retention", "--dry-run")]
    [InlineData(2, "settings")]
    public async Task A_result_and_its_failures_are_one_object(int exitCode, params string[] command)
    {
        Dictionary<string, string> settings = new()
        {
            ["BACKUP_DIR"] = folder.Path,
            ["AWS_ENDPOINT_URL_S3"] = "http://127.0.0.1:1",
            ["AWS_ACCESS_KEY_ID"] = "key",
            ["AWS_SECRET_ACCESS_KEY"] = "secret",
        };
        if (exitCode == (int)FailureKind.InvalidInput) settings["BACKUP_KEEP_LAST"] = "none";

        var json = (await CommandProcess.RunAsync(settings, [.. command, "--json"])).EndedWith(exitCode).Json;

        Assert.NotEqual(0, json.GetProperty(command[0] == "settings" ? "errors" : "failures").GetArrayLength());
    }

    [Fact]
    public async Task A_result_that_can_not_be_written_fails_the_command()
    {
        var result = await ShellAsync("> /dev/full", "list");

        result.FailedWith(1, "could not be written to standard output", "No space left on device");
    }

    [Fact]
    public async Task A_log_that_can_not_be_written_ends_nothing()
    {
        Assert.Contains("No backups named 'deepsight'", (await ShellAsync("2> /dev/full", "list")).EndedWith(0).Output, StringComparison.Ordinal);
        (await ShellAsync("2> /dev/full", "bakup")).EndedWith(2);
    }

    private Task<CommandResult> RunAsync(params string[] arguments) => CommandProcess.RunAsync([new("BACKUP_DIR", folder.Path)], arguments);

    private Task<CommandResult> ShellAsync(string redirection, params string[] arguments) =>
        CommandProcess.RunLineAsync([new("BACKUP_DIR", folder.Path)], ["sh", "-c", $"\"$@\" {redirection}", "sh", .. CommandProcess.Line(arguments)]);
}
