using System.CommandLine;
using DeepSight.Cli.Output;
using DeepSight.Core;
using DeepSight.Core.Health;

namespace DeepSight.Cli.Commands;

/// <summary><c>deepsight health</c>: what <c>GET /api/health/db</c> answers; with <c>--backup</c>, <c>GET /api/health/backup</c>.</summary>
internal static class HealthCommand
{
    private static readonly Option<string?> Url = new("--url") { Description = "Ask this app instead of looking ourselves: http://127.0.0.1:7071.", HelpName = "address" };
    private static readonly Option<bool> Backup = new("--backup") { Description = "Is there a backup to rely on? The JSON of GET /api/health/backup; exit 1 when not." };

    public static Command Define() => CommandContext.Command("health",
        "Probe the database and its migrations; prints the JSON of GET /api/health/db. Exit 1 when it does not answer.", RunAsync, Backup, Url);

    private static Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken) =>
        context.Parsed.GetValue(Url) is { } url ? AskAsync(url, context.Parsed.GetValue(Backup) ? "backup" : "db", cancellationToken) : ProbeAsync(context, cancellationToken);

    /// <summary>Needs none of the database's settings: what watches a container has no business with them.</summary>
    private static async Task<int> AskAsync(string url, string about, CancellationToken cancellationToken)
    {
        using var app = new RemoteApp(url, key: null);
        var (report, isHealthy) = await app.HealthAsync(about, cancellationToken);
        Console.Out.WriteLine(Terminal.ToJson(report));
        return isHealthy ? ExitCodes.Done : (int)FailureKind.Failed;
    }

    private static async Task<int> ProbeAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (context.Parsed.GetValue(Backup))
        {
            var freshness = await context.Get<FreshnessCheck>().RunAsync(context.Queues, cancellationToken);
            Console.Out.WriteLine(Terminal.ToJson(freshness));
            return freshness.IsFresh ? ExitCodes.Done : (int)FailureKind.Failed;
        }

        var report = await context.Get<HealthCheck>().RunAsync(cancellationToken);
        Console.Out.WriteLine(Terminal.ToJson(report));
        return report.IsHealthy ? ExitCodes.Done : (int)FailureKind.Failed;
    }
}
