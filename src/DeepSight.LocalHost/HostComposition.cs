using System.Globalization;
using DeepSight.Core;
using DeepSight.Core.Queues;
using DeepSight.LocalHost.Http;
using DeepSight.LocalHost.Queues;
using DeepSight.LocalHost.Settings;
using DeepSight.LocalHost.Timers;
using DeepSight.LocalHost.Worker;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DeepSight.LocalHost;

/// <summary>How the host is put together, in one place.</summary>
internal static class HostComposition
{
    private const string PortKey = "LocalHost:Port";
    private const string UrlsKey = "LocalHost:Urls";

    /// <summary>The real host's setting for the largest body, and the default that its documentation gives: 100 MiB.</summary>
    private const string BodyLimitSetting = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT";
    private const long DefaultBodyLimit = 104_857_600;

    public static WebApplicationBuilder CreateBuilder(string[] args, HostEnvironment environment)
    {
        // Empty, so that nothing listens or configures itself unasked: no Kestrel section, no ASPNETCORE_HTTP_PORTS of a container image.
        var web = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = environment.Folder });
        var local = JsonSettings.LocalValues(environment.LocalSettings);
        web.Configuration.AddInMemoryCollection(JsonSettings.Host(environment.Folder));
        web.Configuration.AddInMemoryCollection(local);
        web.Configuration.AddEnvironmentVariables();
        AddCommandLine(web.Configuration, args);
        web.Configuration.AddInMemoryCollection(HostSettings.Computed(name => web.Configuration[name]));

        web.Services.AddSingleton(Origin(environment, local, web.Configuration));
        web.Logging.AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Azure", LogLevel.Warning)
            // A start that fails is told by whoever started it; here it would come first, with its stack.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical)
            .AddConfiguration(web.Configuration.GetSection($"{JsonSettings.HostSection}:logging"))
            .AddConsole(console => console.FormatterName = LineFormatter.FormatterName)
            .AddConsoleFormatter<LineFormatter, Microsoft.Extensions.Logging.Console.ConsoleFormatterOptions>();
        return web;
    }

    public static LocalFunctionsHost Build(WebApplicationBuilder web, HostEnvironment environment)
    {
        var settings = new AppSettings(web.Configuration);
        var keys = new KeyRing(settings);
        var addresses = Addresses(web.Configuration, environment, keys);
        AddServices(web.Services, environment, settings, keys, HostJson.From(web.Configuration), Timings(settings));
        AddHttp(web, keys, addresses, BodyLimit(settings));

        var app = web.Build();
        // Read now, so that a broken storage connection stops the host before anything listens.
        app.Services.GetRequiredService<ITimerStore>();
        app.Services.GetRequiredService<IMessageQueues>();
        if (!keys.IsConfigured)
        {
            app.UseHostFiltering();
            app.UseSameOriginOnly();
        }

        app.UseBodyLimit();
        app.UseRouting();
        app.UseNotFoundForWrongMethods();
        return new LocalFunctionsHost(app, environment);
    }

    private static void AddCommandLine(ConfigurationManager configuration, string[] args)
    {
        RefuseWords(args);
        try
        {
            configuration.AddCommandLine(args, new Dictionary<string, string> { ["--port"] = PortKey, ["--urls"] = UrlsKey });
        }
        catch (FormatException e)
        {
            throw new DeepSightException(FailureKind.InvalidInput, e.Message, "the options are --port NUMBER and --urls ADDRESSES.", e);
        }
    }

    /// <summary>Words that belong to no option would be passed over: `docker run IMAGE list` would start a host instead.</summary>
    private static void RefuseWords(string[] args)
    {
        for (var i = 0; i < args.Length; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal))
                throw new DeepSightException(FailureKind.InvalidInput, $"The host takes no argument '{args[i]}'.",
                    $"its options are --port NUMBER and --urls ADDRESSES; a command goes to the program beside it: deepsight {string.Join(' ', args)}");
            if (!args[i].Contains('=', StringComparison.Ordinal)) i++;
        }
    }

    private static void AddServices(
        IServiceCollection services, HostEnvironment environment, AppSettings settings, KeyRing keys, HostJson options, HostTimings timings)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(timings);
        services.AddSingleton(environment).AddSingleton(settings).AddSingleton(keys).AddSingleton(options);
        services.AddSingleton(provider => MessageQueues.FromSettings(settings.Find, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new WorkerSupervisor(environment.Launch, environment.App, JsonSettings.LocalValues(environment.LocalSettings),
            provider.GetRequiredService<HostTimings>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<FunctionApp>().AddSingleton<StartTable>().AddSingleton<FunctionInvoker>().AddSingleton<TimerRunner>();
        // Asked for when the worker has told its functions.
        services.AddSingleton(provider => provider.GetRequiredService<FunctionApp>().Timers);
        services.AddSingleton(provider => provider.GetRequiredService<FunctionApp>().Queues);
        services.TryAddSingleton(provider => TimerStores.FromSettings(
            settings, provider.GetRequiredService<HostTimings>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<AdminEndpoints>().AddSingleton<FunctionEndpoints>();
        services.AddSingleton<ManualRuns>().AddHostedService(provider => provider.GetRequiredService<ManualRuns>());
        services.AddHostedService<TimerService>().AddHostedService<QueueService>().AddHostedService<SecondSignal>();
        services.AddOptions<HostOptions>().Configure<HostTimings>((host, timings) =>
        {
            host.ShutdownTimeout = timings.ShutdownWait;
            host.ServicesStopConcurrently = true;
        });
    }

    private static void AddHttp(WebApplicationBuilder web, KeyRing keys, IReadOnlyList<string> addresses, long bodyLimit)
    {
        web.WebHost.UseKestrelCore().UseUrls([.. addresses]).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = bodyLimit;
        });
        web.Services.AddRouting();
        if (!keys.IsConfigured)
            web.Services.AddHostFiltering(filter => filter.AllowedHosts = ["localhost", "127.0.0.1", "[::1]"]);
    }

    /// <summary>The command line, then <c>ASPNETCORE_URLS</c>, then <c>Host.LocalHttpPort</c> of the settings file, then 7071.</summary>
    private static IReadOnlyList<string> Addresses(ConfigurationManager configuration, HostEnvironment environment, KeyRing keys)
    {
        var urls = configuration[UrlsKey]
            ?? (configuration[PortKey] is { } port ? ListenAddress.OfPort(port) : null)
            ?? configuration["ASPNETCORE_URLS"]
            ?? ListenAddress.OfPort(JsonSettings.LocalPort(environment.LocalSettings) ?? ListenAddress.DefaultPort.ToString(CultureInfo.InvariantCulture));
        return ListenAddress.Check(urls, keys.IsConfigured);
    }

    /// <summary>How long a message is hidden can be set: whoever tests a host does not wait ten minutes.</summary>
    private static HostTimings Timings(AppSettings settings) => settings.Find("LocalHost__MessageVisibility") is { } text
        ? TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) && time > TimeSpan.Zero
            ? new HostTimings { MessageVisibility = time }
            : throw new DeepSightException(FailureKind.InvalidInput, $"LocalHost__MessageVisibility is '{text}', not a time span (hh:mm:ss).")
        : new HostTimings();

    private static long BodyLimit(AppSettings settings) => settings.Find(BodyLimitSetting) is not { } text ? DefaultBodyLimit
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes
        : throw new DeepSightException(FailureKind.InvalidInput, $"{BodyLimitSetting} is '{text}', not a number of bytes.");

    private static SettingsOrigin Origin(HostEnvironment environment, IReadOnlyList<KeyValuePair<string, string?>> local, ConfigurationManager configuration) =>
        new(File.Exists(environment.LocalSettings) ? Path.GetFileName(environment.LocalSettings) : null,
            local.Count(pair => configuration[pair.Key] != pair.Value));
}
