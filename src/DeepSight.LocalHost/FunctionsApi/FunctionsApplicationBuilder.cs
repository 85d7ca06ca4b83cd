using DeepSight.Core;
using DeepSight.LocalHost.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>Configures a functions app; here, one that runs in this process.</summary>
public class FunctionsApplicationBuilder : IHostApplicationBuilder
{
    private readonly WebApplicationBuilder web;
    private readonly HostEnvironment environment;
    private bool built;

    internal FunctionsApplicationBuilder(string[] args, HostEnvironment environment)
    {
        this.environment = environment;
        web = HostComposition.CreateBuilder(args, environment);
    }

    public IDictionary<object, object> Properties => ((IHostApplicationBuilder)web).Properties;

    IConfigurationManager IHostApplicationBuilder.Configuration => Configuration;

    /// <summary>From weakest to strongest: host.json (under <c>AzureFunctionsJobHost</c>), the values of local.settings.json, the environment, the command line, what is added here.</summary>
    public ConfigurationManager Configuration => web.Configuration;

    public IHostEnvironment Environment => web.Environment;

    public ILoggingBuilder Logging => web.Logging;

    public IMetricsBuilder Metrics => web.Metrics;

    public IServiceCollection Services => web.Services;

    internal bool UsesAspNetCore { get; set; }

    /// <summary>Builds the app; once only.</summary>
    /// <exception cref="DeepSightException">A setting of the host is wrong, or the address to listen on is refused.</exception>
    public IHost Build()
    {
        if (built) throw new InvalidOperationException("The application has already been built.");

        built = true;
        return HostComposition.Build(web, environment, UsesAspNetCore);
    }

    public void ConfigureContainer<TContainerBuilder>(
        IServiceProviderFactory<TContainerBuilder> factory, Action<TContainerBuilder>? configure = null) where TContainerBuilder : notnull =>
        ((IHostApplicationBuilder)web).ConfigureContainer(factory, configure);
}
