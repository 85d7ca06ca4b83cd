using System.Diagnostics;
using DeepSight.Core.Postgres;
using Npgsql;

namespace DeepSight.Tests.Servers;

/// <summary>grate itself, the dotnet tool, from the feed that everything else comes from.</summary>
internal static class GrateTool
{
    /// <summary>What it printed.</summary>
    public static async Task<string> RunAsync(DatabaseUrl database, string folder, params string[] more)
    {
        var connection = new NpgsqlConnectionStringBuilder
        {
            Host = database.Host,
            Port = database.Port,
            Username = database.User,
            Password = database.Password,
            Database = database.Database,
        };
        using var output = new Storage.TemporaryFolder();
        return await RunAsync(Path.Combine(await Clone.BuiltAsync("local/grate", "grate"), "grate"),
            [$"--connstring={connection.ConnectionString}", "--databasetype=postgresql", $"--sqlfilesdirectory={folder}", $"--outputPath={output.Path}",
             "--createdatabase=false", "--noninteractive", "--silent", .. more]);
    }

    /// <summary>With our environment: a dotnet tool looks for its runtime there.</summary>
    private static async Task<string> RunAsync(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{Path.GetFileName(program)} ended with {process.ExitCode}:\n{output}\n{await errors}");
    }
}
