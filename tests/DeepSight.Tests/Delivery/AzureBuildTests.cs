using System.Text.RegularExpressions;
using System.Xml.Linq;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Delivery;

/// <summary>What the azure build is made of. The official worker is not in every feed, so that it can't be built everywhere.</summary>
public sealed partial class AzureBuildTests
{
    private static readonly (string Package, string Version)[] OfficialWorker =
    [
        ("Microsoft.Azure.Functions.Worker", "2.52.0"),
        ("Microsoft.Azure.Functions.Worker.Extensions.Http", "3.3.0"),
        ("Microsoft.Azure.Functions.Worker.Extensions.Http.AspNetCore", "2.1.1"),
        ("Microsoft.Azure.Functions.Worker.Extensions.Storage.Queues", "5.5.5"),
        ("Microsoft.Azure.Functions.Worker.Extensions.Timer", "4.3.1"),
        ("Microsoft.Azure.Functions.Worker.Sdk", "2.1.0"),
    ];

    [Fact]
    public void It_names_every_package_of_the_official_worker_with_its_version_and_nothing_of_the_local_host()
    {
        var azure = Groups("src/DeepSight.Functions/DeepSight.Functions.csproj", "'$(FunctionsRuntime)' == 'azure'").Elements().ToList();
        var versions = XDocument.Load(Path.Combine(Clone.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(package => package.Attribute("Include")!.Value, package => package.Attribute("Version")!.Value);

        Assert.Equal(OfficialWorker, azure.Select(item => item.Attribute("Include")!.Value).Order(StringComparer.Ordinal).Select(name => (name, versions[name])));
        Assert.All(azure, item => Assert.Equal("PackageReference", item.Name.LocalName));
        Assert.Equal(["../DeepSight.LocalHost/DeepSight.LocalHost.csproj"],
            Groups("src/DeepSight.Functions/DeepSight.Functions.csproj", "'$(FunctionsRuntime)' == 'local'").Elements().Select(item => item.Attribute("Include")!.Value));
    }

    [Fact]
    public void Azure_Identity_is_no_package_of_ours() =>
        // Azure.Core has its credentials by now; with both, each type is there twice (CS0433).
        Assert.DoesNotContain("Azure.Identity\"", File.ReadAllText(Path.Combine(Clone.Root, "Directory.Packages.props")), StringComparison.Ordinal);

    [Fact]
    public void Tests_that_need_the_local_host_are_in_the_folder_that_the_azure_build_leaves_out()
    {
        var tests = Path.Combine(Clone.Root, "tests", "DeepSight.Tests");
        var leftOut = Path.Combine(tests, "LocalHost") + Path.DirectorySeparatorChar;
        var others = Directory.EnumerateFiles(tests, "*.cs", SearchOption.AllDirectories).Where(file => !file.StartsWith(leftOut, StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(others);
        Assert.DoesNotContain(others, file => File.ReadLines(file).Any(line => NamespaceOfTheLocalHost().IsMatch(line)));
    }

    [GeneratedRegex(@"^(using|namespace) .*\bLocalHost\b")]
    private static partial Regex NamespaceOfTheLocalHost();

    private static IEnumerable<XElement> Groups(string project, string condition) => XDocument.Load(Path.Combine(Clone.Root, project))
        .Descendants("ItemGroup").Where(group => group.Attribute("Condition")?.Value == condition);
}
