using System.Reflection.PortableExecutable;

namespace DeepSight.Tests.Delivery;

/// <summary>What Directory.Build.targets puts in the place of assemblies: machine code, which the SDK does for a publish alone.</summary>
public sealed class ReadyToRunTests
{
    [Theory]
    [InlineData("DeepSight.Cli", "deepsight.dll", "DeepSight.Core.dll", "Npgsql.dll", "System.CommandLine.dll", "AWSSDK.S3.dll")]
    [InlineData("DeepSight.LocalHost", "DeepSight.LocalHost.dll", "DeepSight.Core.dll", "Grpc.AspNetCore.Server.dll")]
    [InlineData("DeepSight.Functions", "DeepSight.Functions.dll", "DeepSight.Core.dll", "Microsoft.Azure.Functions.Worker.Core.dll", "Npgsql.dll")]
    public void What_starts_is_machine_code_in_a_release_build_alone(string project, params string[] assemblies)
    {
        var folder = AppContext.BaseDirectory.Replace("DeepSight.Tests", project, StringComparison.Ordinal);
        Assert.All(assemblies, assembly =>
        {
            using var image = new PEReader(File.OpenRead(Path.Combine(folder, assembly)));
            Assert.Equal(folder.Contains("/release", StringComparison.Ordinal), image.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0);
        });
    }
}
