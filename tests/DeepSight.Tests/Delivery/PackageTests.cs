using System.IO.Compression;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Delivery;

/// <summary>What infra/package.sh makes of a publish folder. The folder is made up: the official worker is not in every feed.</summary>
public sealed class PackageTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string Published => Path.Combine(folder.Path, "published");

    private string Package => Path.Combine(folder.Path, "out", "deepsight.zip");

    [Fact]
    public async Task The_package_holds_what_Azure_looks_for_and_the_client_where_the_app_looks_for_it()
    {
        Publish();

        (await Script.RunAsync("infra/package.sh", "--assemble", Published, Package)).EndedWith(0);

        using var zip = ZipFile.OpenRead(Package);
        var names = zip.Entries.Select(entry => entry.FullName).ToList();
        foreach (var name in new[] { "functions.metadata", "worker.config.json", ".azurefunctions/extension.dll", "client/lib/ld-linux-x86-64.so.2" })
            Assert.Contains(name, names);
        foreach (var major in new[] { 15, 17, 18 })
            Assert.Contains($"client/libexec/{major}/pg_dump", names);
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(Package)!));
    }

    [Theory]
    [InlineData("functions.metadata")]
    [InlineData("worker.config.json")]
    [InlineData(".azurefunctions/extension.dll")]
    [InlineData("host.json")]
    public async Task A_publish_that_lacks_something_makes_no_package(string name)
    {
        Publish();
        File.Delete(Path.Combine(Published, name));

        var result = await Script.RunAsync("infra/package.sh", "--assemble", Published, Package);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"The package has no '{name.Split('/')[0]}'", result.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(Package));
    }

    [Theory]
    [InlineData("local.settings.json")] // secrets of the machine that built it
    [InlineData("DeepSight.LocalHost.dll")] // the host of other machines
    public async Task What_has_no_place_on_Azure_makes_no_package(string name)
    {
        Publish();
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Published, name))!);
        await File.WriteAllTextAsync(Path.Combine(Published, name), "{}", TestContext.Current.CancellationToken);

        var result = await Script.RunAsync("infra/package.sh", "--assemble", Published, Package);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"The package holds '{name}'", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("--assemble", "out.zip")]
    [InlineData("--assemble", "/nowhere/published", "out.zip")]
    public async Task Wrong_usage_is_told(params string[] arguments)
    {
        var result = await Script.RunAsync("infra/package.sh", arguments);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("Hint:", result.Errors, StringComparison.Ordinal);
    }

    /// <summary>As `dotnet publish` of the official worker leaves it.</summary>
    private void Publish()
    {
        Directory.CreateDirectory(Path.Combine(Published, ".azurefunctions"));
        foreach (var name in new[] { "functions.metadata", "worker.config.json", ".azurefunctions/extension.dll", "host.json", "DeepSight.Functions.dll" })
            File.WriteAllText(Path.Combine(Published, name), "{}");
    }
}
