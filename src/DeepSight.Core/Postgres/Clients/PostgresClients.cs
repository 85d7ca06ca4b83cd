using DeepSight.Core.Postgres.Processes;

namespace DeepSight.Core.Postgres.Clients;

/// <summary>
/// The PostgreSQL clients on this machine: those in POSTGRES_CLIENT_DIR and no others when it is set, else the bundle's and the
/// system's. Looked for once, at first use; each is started once for its version (7–9 ms).
/// </summary>
public sealed class PostgresClients : IDisposable
{
    private readonly ClientFolders folders;
    private readonly SemaphoreSlim searching = new(1);
    private readonly List<string> unusable = [];
    private IReadOnlyList<PostgresClient>? found;

    public PostgresClients(DatabaseSettings settings) : this(new ClientFolders { Configured = settings.ClientDir }) { }

    internal PostgresClients(ClientFolders folders) => this.folders = folders;

    /// <summary>What was there but would not start, each with the reason; known after the search.</summary>
    public IReadOnlyList<string> Unusable => unusable;

    /// <summary>All that start, the preferred first.</summary>
    /// <exception cref="DeepSightException">POSTGRES_CLIENT_DIR is set and holds none.</exception>
    public async Task<IReadOnlyList<PostgresClient>> FindAsync(CancellationToken cancellationToken)
    {
        await searching.WaitAsync(cancellationToken);
        try
        {
            // A cleaner may have taken the loader's copy from /tmp since.
            if (found is null || !found.All(client => client.IsStillThere)) found = await SearchAsync(cancellationToken);
            return found;
        }
        finally
        {
            searching.Release();
        }
    }

    /// <summary>The client to dump this server with.</summary>
    /// <exception cref="DeepSightException">All clients are older than the server; lists what is there and what is needed.</exception>
    public async Task<PostgresClient> ForDumpAsync(PostgresVersion server, CancellationToken cancellationToken)
    {
        var all = await FindAsync(cancellationToken);
        return ClientChoice.ForDump(server, all) ?? throw NoneFits(server, "pg_dump", all);
    }

    /// <summary>The client to load into this server with.</summary>
    /// <exception cref="DeepSightException">There is no client at all.</exception>
    public async Task<PostgresClient> ForPsqlAsync(PostgresVersion server, CancellationToken cancellationToken)
    {
        var all = await FindAsync(cancellationToken);
        return ClientChoice.ForPsql(server, all) ?? throw NoneFits(server, "psql", all);
    }

    public void Dispose() => searching.Dispose();

    private async Task<IReadOnlyList<PostgresClient>> SearchAsync(CancellationToken cancellationToken)
    {
        unusable.Clear();
        if (folders.Configured is { } configured) return await InConfiguredAsync(configured, cancellationToken);

        var clients = new List<PostgresClient>();
        if (folders.Bundle() is { } root) clients.AddRange(await InBundleAsync(ClientOrigin.Bundled, root, cancellationToken));
        foreach (var folder in folders.OfSystem())
            if (await ProbeAsync(ClientOrigin.System, folder, null, unusable.Add, cancellationToken) is { } client)
                clients.Add(client);
        return clients;
    }

    private async Task<IReadOnlyList<PostgresClient>> InConfiguredAsync(string folder, CancellationToken cancellationToken)
    {
        TrustedPath.Require(folder, "POSTGRES_CLIENT_DIR", FailureKind.InvalidInput);
        foreach (var program in new[] { "pg_dump", "psql", "bin/pg_dump", "bin/psql" })
            TrustedPath.Require(Path.Combine(folder, program), "The program", FailureKind.InvalidInput);
        if (BundleLayout.In(folder) is not null && await InBundleAsync(ClientOrigin.Configured, folder, cancellationToken) is { Count: > 0 } bundled)
            return bundled;

        foreach (var candidate in new[] { folder, Path.Combine(folder, "bin") }.Where(candidate => File.Exists(Path.Combine(candidate, "pg_dump"))))
            if (await ProbeAsync(ClientOrigin.Configured, candidate, null, unusable.Add, cancellationToken) is { } client)
                return [client];

        throw new DeepSightException(FailureKind.InvalidInput,
            $"POSTGRES_CLIENT_DIR is '{folder}', and there is no PostgreSQL client that starts.{Reasons()}",
            "it must be a folder with pg_dump and psql in it, or a bundle made by infra/postgres-client/build.sh; or unset it to use what is found.");
    }

    /// <summary>In place if it starts there; else over a copy of the loader (mode bits lost on the way); else as a whole copy (noexec).</summary>
    private async Task<IReadOnlyList<PostgresClient>> InBundleAsync(ClientOrigin origin, string root, CancellationToken cancellationToken)
    {
        var inPlace = BundleLayout.In(root)!;
        var reasons = new List<string>();
        foreach (var layout in BundleCopies.Of(inPlace, folders.CopiesIn, reasons.Add))
        {
            var clients = new List<PostgresClient>();
            foreach (var major in layout.Majors)
                if (await ProbeAsync(origin, layout.Programs(major), layout, reasons.Add, cancellationToken) is { } client)
                    clients.Add(client);
            if (clients.Count > 0) return clients;
        }

        unusable.AddRange(reasons);
        return [];
    }

    private static async Task<PostgresClient?> ProbeAsync(
        ClientOrigin origin, string folder, BundleLayout? bundle, Action<string> refused, CancellationToken cancellationToken)
    {
        var command = PostgresClient.Command("pg_dump", $"'{folder}/pg_dump'", folder, bundle);
        try
        {
            await using var tool = ToolProcess.Start(command with { Arguments = [.. command.Arguments, "--version"] }, cancellationToken);
            using var reader = new StreamReader(tool.Output);
            var said = await reader.ReadToEndAsync(cancellationToken);
            await tool.WaitForSuccessAsync();
            if (PostgresVersion.Find(said) is { } version) return new PostgresClient(origin, version, folder, bundle);
            refused($"'{folder}/pg_dump' says no version: {said.Trim()}");
        }
        catch (DeepSightException e)
        {
            refused(e.Message);
        }

        return null;
    }

    private DeepSightException NoneFits(PostgresVersion server, string tool, IReadOnlyList<PostgresClient> all) => new(FailureKind.Failed,
        $"The server is PostgreSQL {server} and needs a {tool} of {server.Major} or newer; "
        + (all.Count == 0 ? "there is none here." : "there is " + string.Join(", ", all) + ".") + Reasons(),
        $"install PostgreSQL {server.Major}'s client programs, or name their folder in POSTGRES_CLIENT_DIR.");

    private string Reasons() => unusable.Count == 0 ? "" : "\n  " + string.Join("\n  ", unusable);
}
