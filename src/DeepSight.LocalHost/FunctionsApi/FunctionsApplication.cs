namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>The start of a functions app.</summary>
public class FunctionsApplication
{
    /// <exception cref="DeepSight.Core.DeepSightException"><c>host.json</c> or <c>local.settings.json</c> can't be read.</exception>
    public static FunctionsApplicationBuilder CreateBuilder(string[] args) =>
        new(args, DeepSight.LocalHost.Hosting.HostEnvironment.OfThisProcess());
}
