using System.CommandLine;
using DeepSight.Cli.Migrate;
using DeepSight.Cli.Output;
using DeepSight.Core;
using DeepSight.Core.Queues;
using DeepSight.Core.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DeepSight.Cli;

/// <summary>What a command works with: its arguments, the terminal, the settings and the jobs.</summary>
internal sealed class CommandContext : IAsyncDisposable
{
    private readonly Lazy<ServiceProvider> services;

    private CommandContext(ParseResult parsed)
    {
        Parsed = parsed;
        Terminal = new Terminal(asJson: parsed.GetValue(Json));
        SettingsFile = FindSettingsFile();
        Source = SettingsSource.FromEnvironment().AddLocalSettings(SettingsFile ?? "local.settings.json");
        services = new Lazy<ServiceProvider>(() => new ServiceCollection()
            .AddLogging(logging => logging.AddProvider(new TerminalLoggerProvider(Terminal)))
            .AddDeepSight(Settings)
            .AddSingleton(this.Migrations())
            .BuildServiceProvider());
    }

    /// <summary>On every command: the result as one JSON object on standard output.</summary>
    public static Option<bool> Json { get; } = new("--json") { Description = "Print the result as one JSON object.", Recursive = true };

    public ParseResult Parsed { get; }

    public Terminal Terminal { get; }

    public SettingsSource Source { get; }

    /// <summary>The <c>local.settings.json</c> that is used, or null.</summary>
    public string? SettingsFile { get; }

    /// <summary>Valid settings; wrong ones end the command with exit code 2.</summary>
    public DeepSightSettings Settings => field ??= Load();

    /// <summary>The queues of the functions app: those of its storage account, or those in the folder where a local host keeps its state.</summary>
    public IMessageQueues Queues => field ??= MessageQueues.FromSettings(Setting, TimeProvider.System);

    /// <summary>Any setting by its name in the environment. What a local host keeps lies beside the launcher, whatever folder we are called in.</summary>
    public string? Setting(string name) => Source.Find(name)?.Value
        ?? (name == LocalState.Setting && Environment.GetEnvironmentVariable("DEEPSIGHT_HOME") is { Length: > 0 } home ? Path.Combine(home, ".deepsight", "state") : null);

    public T Get<T>() where T : notnull => services.Value.GetRequiredService<T>();

    /// <summary>A command out of its name, its symbols and what it does.</summary>
    public static Command Command(string name, string description, Func<CommandContext, CancellationToken, Task<int>> run, params Symbol[] symbols)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument) command.Add(argument);
            if (symbol is Option option) command.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var context = new CommandContext(parsed);
            return await run(context, cancellationToken);
        });
        return command;
    }

    /// <summary>For commands that write backups to the local directory.</summary>
    public void WarnOfDirectory()
    {
        if (Settings.Backup.DirectoryWarning is { } warning) Terminal.Warning(warning);
    }

    public async ValueTask DisposeAsync()
    {
        if (services.IsValueCreated) await services.Value.DisposeAsync();
    }

    private DeepSightSettings Load()
    {
        var settings = DeepSightSettings.Load(Source).ThrowIfInvalid();
        foreach (var warning in settings.Warnings) Terminal.Warning(warning);
        return settings;
    }

    /// <summary>In the working folder; else beside the launcher, which says where that is.</summary>
    private static string? FindSettingsFile() =>
        new[] { Environment.CurrentDirectory, Environment.GetEnvironmentVariable("DEEPSIGHT_HOME") ?? "" }
            .Where(folder => folder.Length > 0)
            .Select(folder => Path.Combine(folder, "local.settings.json"))
            .FirstOrDefault(File.Exists);
}
