using DeepSight.Core.Postgres.Clients;
using DeepSight.Tests.Delivery;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Postgres.Clients;

/// <summary>The bundle as a function app sees it at worst: every mode bit lost, read-only, on a system without a libc.</summary>
public sealed class BareRootTests(PostgresServers servers)
{
    private const UnixFileMode PlainFile = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    [Fact]
    public async Task Unpacked_without_mode_bits_on_a_read_only_mount_without_a_libc_every_major_dumps()
    {
        using var root = new TemporaryFolder();
        await UnpackAsync(Path.Combine(root.Path, "app", "client"));
        using var clients = new PostgresClients(new ClientFolders
        {
            Base = Path.Combine(root.Path, "app"),
            SearchPath = "",
            System = [],
            CopiesIn = [Path.Combine(root.Path, "tmp")],
        });

        foreach (var client in await clients.FindAsync(TestContext.Current.CancellationToken))
            await DumpAsync(root.Path, client);
        Assert.Equal([15, 17, 18], (await clients.FindAsync(TestContext.Current.CancellationToken)).Select(client => client.Version.Major).Order());
    }

    private async Task DumpAsync(string root, PostgresClient client)
    {
        var database = await servers.NewDatabaseAsync(client.Version.Major, "create table kept (id int); insert into kept values (4711)");
        var command = client.Command("pg_dump");
        // The very command that the app would run, with paths as they are inside the root.
        var line = new[] { command.Program }.Concat(command.Arguments).Select(part => part.Replace(root, "", StringComparison.Ordinal));
        var result = await Script.RunLineAsync(
        [
            "unshare", .. Environment.IsPrivilegedProcess ? Array.Empty<string>() : ["--user", "--map-root-user"], "--mount", "sh", "-ec",
            """
            root=$1
            shift
            mount --bind "$root/app" "$root/app"
            mount -o remount,bind,ro "$root/app"
            if touch "$root/app/writable" 2>/dev/null; then echo 'it can be written to' >&2; exit 97; fi
            exec chroot "$root" "$@"
            """,
            "sh", root, .. line,
            $"--dbname=host={database.Host} port={database.Port} user={database.User} dbname={database.Database}",
        ], new Dictionary<string, string>(command.Environment) { ["PGPASSWORD"] = database.Password!, ["LC_ALL"] = "C.UTF-8" });

        result.EndedWith(0);
        Assert.Contains($"-- Dumped by pg_dump version {client.Version.Major}.", result.Output, StringComparison.Ordinal);
        Assert.Contains("\n4711\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("-- PostgreSQL database dump complete", result.Output, StringComparison.Ordinal);
    }

    private static async Task UnpackAsync(string target)
    {
        var bundle = await Clone.BuiltAsync("postgres-client", "client");
        foreach (var file in Directory.EnumerateFiles(bundle, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(bundle, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
            File.SetUnixFileMode(copy, PlainFile);
        }
    }
}
