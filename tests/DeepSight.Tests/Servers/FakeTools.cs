using System.Runtime.InteropServices;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Postgres.Processes;

namespace DeepSight.Tests.Servers;

/// <summary>A folder with a pg_dump and a psql that misbehave as told: what POSTGRES_CLIENT_DIR may point to.</summary>
internal sealed class FakeTools : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("deepsight-fake-").FullName;

    /// <param name="behaviour">As DeepSight.FakeTool's Program lists them, with a number where it takes one: <c>dump 5</c>.</param>
    public FakeTools(string behaviour, string version = "99.1")
    {
        foreach (var tool in new[] { "pg_dump", "psql" })
        {
            // The runtime is named: the tool's environment has no DOTNET_ROOT of ours.
            var path = Path.Combine(folder, tool);
            File.WriteAllText(path, $"#!/bin/sh\nexec '{Runtime}' '{Path.Combine(AppContext.BaseDirectory, "DeepSight.FakeTool.dll")}' {tool} {version} {behaviour} -- \"$@\"\n");
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public DatabaseSettings Settings => new() { ClientDir = folder };

    /// <summary>The fake pg_dump as a command without arguments.</summary>
    public ToolCommand Command => new() { Name = "pg_dump 99.1", Program = Path.Combine(folder, "pg_dump") };

    private static string Runtime => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));

    public async Task<PostgresClient> ClientAsync()
    {
        using var clients = new PostgresClients(Settings);
        return (await clients.FindAsync(CancellationToken.None)).Single();
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
