using System.Xml.Linq;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Delivery;

/// <summary>What Directory.Build.targets knows of the worker's SDK, and what the packages may not hold.</summary>
public sealed class AzureBuildTests
{
    [Fact]
    public void The_SDK_still_has_the_names_by_which_its_inner_build_is_left_out()
    {
        var version = XDocument.Load(Path.Combine(Clone.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .Single(package => package.Attribute("Include")!.Value == "Microsoft.Azure.Functions.Worker.Sdk").Attribute("Version")!.Value;
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var targets = string.Concat(Directory.EnumerateFiles(Path.Combine(packages, "microsoft.azure.functions.worker.sdk", version, "build"), "*.targets").Select(File.ReadAllText));

        Assert.Contains("$(_FunctionsBuildEnabled)", targets, StringComparison.Ordinal);
        Assert.Contains("Name=\"_FunctionsInnerPublish\"", targets, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(AppContext.BaseDirectory, ".azurefunctions")));
    }

    [Fact]
    public void No_type_of_ours_stands_in_the_workers_namespace() => Assert.DoesNotContain(
        Directory.EnumerateFiles(Path.Combine(Clone.Root, "src"), "*.cs", SearchOption.AllDirectories),
        file => File.ReadLines(file).Any(line => line.StartsWith("namespace Microsoft.Azure.Functions.Worker", StringComparison.Ordinal)));

    [Fact]
    public void Azure_Identity_is_no_package_of_ours() =>
        // Azure.Core has its credentials by now; with both, each type is there twice (CS0433).
        Assert.DoesNotContain("Azure.Identity\"", File.ReadAllText(Path.Combine(Clone.Root, "Directory.Packages.props")), StringComparison.Ordinal);
}
