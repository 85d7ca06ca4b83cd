using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Postgres.Clients;

/// <summary>The bundle as infra/postgres-client/build.sh makes it, deployed well and badly.</summary>
public sealed class PostgresClientsTests : IDisposable
{
    private const UnixFileMode NotExecutable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Temporary => Path.Combine(folder.Path, "tmp");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_clones_bundle_is_found_by_walking_up_and_runs_in_place()
    {
        var bundle = await Clone.BuiltAsync("postgres-client", "client");
        using var clients = Clients(AppContext.BaseDirectory);

        var found = await clients.FindAsync(Cancelled);

        Assert.Equal([15, 17, 18], found.Select(client => client.Version.Major).Order());
        Assert.All(found, client => Assert.Equal((ClientOrigin.Bundled, bundle), (client.Origin, client.Bundle!.Root)));
        Assert.False(Directory.Exists(Temporary), "nothing needed to be copied");
    }

    [Fact]
    public async Task A_bundle_beside_the_program_comes_before_the_clones()
    {
        var bundle = await DeployAsync(withModes: true);
        using var clients = Clients(folder.Path);

        Assert.All(await clients.FindAsync(Cancelled), client => Assert.Equal(bundle, client.Bundle!.Root));
    }

    [Fact]
    public async Task Where_mode_bits_were_lost_the_loader_alone_is_copied_and_all_majors_run()
    {
        await DeployAsync(withModes: false);
        using var clients = Clients(folder.Path);

        var found = await clients.FindAsync(Cancelled);

        Assert.Equal([15, 17, 18], found.Select(client => client.Version.Major).Order());
        var copy = Assert.Single(Directory.GetFiles(Temporary, "*", SearchOption.AllDirectories));
        Assert.StartsWith(Path.Combine(Temporary, "deepsight-client-"), copy, StringComparison.Ordinal);
        Assert.All(found, client => Assert.Equal(copy, client.Bundle!.Loader));
    }

    [Fact]
    public async Task Of_many_at_once_all_find_a_loader_and_one_copy_remains()
    {
        await DeployAsync(withModes: false);

        var found = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            using var clients = Clients(folder.Path);
            return (await clients.FindAsync(Cancelled)).Count;
        }, Cancelled)));

        Assert.All(found, count => Assert.Equal(3, count));
        Assert.Single(Directory.GetFileSystemEntries(Temporary));
    }

    [Fact]
    public async Task A_copy_that_was_cleaned_away_is_made_again()
    {
        await DeployAsync(withModes: false);
        using var clients = Clients(folder.Path);
        var before = await clients.FindAsync(Cancelled);
        File.Delete(before[0].Bundle!.Loader);

        Assert.All(await clients.FindAsync(Cancelled), client => Assert.True(File.Exists(client.Bundle!.Loader)));
    }

    [Fact]
    public async Task A_copy_with_other_content_is_replaced_before_it_runs()
    {
        await DeployAsync(withModes: false);
        using (var first = Clients(folder.Path))
            await File.WriteAllTextAsync((await first.FindAsync(Cancelled))[0].Bundle!.Loader, "#!/bin/sh\necho 'pg_dump (PostgreSQL) 66.6'\n", Cancelled);

        using var clients = Clients(folder.Path);

        Assert.DoesNotContain(await clients.FindAsync(Cancelled), client => client.Version.Major == 66);
    }

    [Theory]
    [InlineData(true)] // someone else's folder, or a link to it
    [InlineData(false)] // a folder that others may write to
    public async Task A_folder_under_the_copys_name_that_is_not_ours_alone_is_not_used(bool link)
    {
        await DeployAsync(withModes: false);
        string planted;
        using (var first = Clients(folder.Path)) planted = Path.GetDirectoryName(Path.GetDirectoryName((await first.FindAsync(Cancelled))[0].Bundle!.Loader))!;
        if (link)
        {
            Directory.Move(planted, planted + "-elsewhere");
            Directory.CreateSymbolicLink(planted, planted + "-elsewhere");
        }
        else
        {
            File.SetUnixFileMode(planted, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupWrite);
        }

        var second = Path.Combine(folder.Path, "second");
        using var clients = new PostgresClients(new ClientFolders { Base = folder.Path, SearchPath = "", CopiesIn = [Temporary, second] });
        var found = await clients.FindAsync(Cancelled);

        Assert.All(found.Where(client => client.Origin == ClientOrigin.Bundled), client => Assert.StartsWith(second, client.Bundle!.Loader, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_configured_folder_is_the_only_one_looked_at()
    {
        using var fake = new FakeTools("dump 1", version: "97.3");
        using var clients = new PostgresClients(fake.Settings);

        var client = Assert.Single(await clients.FindAsync(Cancelled));

        Assert.Equal((ClientOrigin.Configured, new PostgresVersion(97, 3)), (client.Origin, client.Version));
    }

    [Fact]
    public async Task A_configured_bundle_is_understood()
    {
        var bundle = await Clone.BuiltAsync("postgres-client", "client");
        using var clients = new PostgresClients(new DatabaseSettings { ClientDir = bundle });

        Assert.Equal(3, (await clients.FindAsync(Cancelled)).Count(client => client.Origin == ClientOrigin.Configured));
    }

    [Fact]
    public async Task A_configured_folder_without_a_client_is_an_error()
    {
        using var clients = new PostgresClients(new DatabaseSettings { ClientDir = folder.Path });

        var failure = await Assert.ThrowsAsync<DeepSightException>(() => clients.FindAsync(Cancelled));

        Assert.Equal(FailureKind.InvalidInput, failure.Kind);
        Assert.Contains(folder.Path, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_newer_than_every_client_is_told_what_is_there_and_what_is_needed()
    {
        await Clone.BuiltAsync("postgres-client", "client");
        using var clients = Clients(AppContext.BaseDirectory);

        var failure = await Assert.ThrowsAsync<DeepSightException>(() => clients.ForDumpAsync(new PostgresVersion(98, 1), Cancelled));

        Assert.StartsWith("The server is PostgreSQL 98.1 and needs a pg_dump of 98 or newer; there is 15.", failure.Message, StringComparison.Ordinal);
        Assert.Contains("(bundled: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("POSTGRES_CLIENT_DIR", failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_on_the_PATH_are_found_and_wrappers_passed_over()
    {
        using var fake = new FakeTools("dump 1", version: "96.2");
        var wrapped = Directory.CreateDirectory(Path.Combine(folder.Path, "wrapped")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "pg_wrapper"), "#!/usr/bin/perl\n", Cancelled);
        File.CreateSymbolicLink(Path.Combine(wrapped, "pg_dump"), Path.Combine(folder.Path, "pg_wrapper"));

        var system = new ClientFolders { Base = "/", SearchPath = $"{wrapped}:{fake.Settings.ClientDir}:/nowhere" }.OfSystem().ToList();

        Assert.Contains(fake.Settings.ClientDir!, system);
        Assert.DoesNotContain(folder.Path, system);
    }

    private PostgresClients Clients(string baseFolder) =>
        new(new ClientFolders { Base = baseFolder, SearchPath = "", CopiesIn = [Temporary], System = [] });

    /// <summary>Copies the bundle to <c>client/</c>; without modes as a zip package arrives: no file can be executed.</summary>
    private async Task<string> DeployAsync(bool withModes)
    {
        var bundle = await Clone.BuiltAsync("postgres-client", "client");
        var target = Path.Combine(folder.Path, "client");
        foreach (var file in Directory.EnumerateFiles(bundle, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(bundle, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
            if (!withModes) File.SetUnixFileMode(copy, NotExecutable);
        }

        return target;
    }
}
