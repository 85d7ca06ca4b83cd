using System.CommandLine;
using System.Text.Json;
using DeepSight.Core;
using DeepSight.Core.Health;

namespace DeepSight.Cli.Commands;

/// <summary><c>deepsight health</c>: what <c>GET /api/health/db</c> answers.</summary>
internal static class HealthCommand
{
    private static readonly Option<string?> Url = new("--url") { Description = "Ask this app instead of the database: http://127.0.0.1:7071.", HelpName = "address" };

    public static Command Define() => CommandContext.Command("health",
        "Probe the database and its migrations; prints the JSON of GET /api/health/db. Exit 1 when it does not answer.", RunAsync, Url);

    private static Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken) =>
        context.Parsed.GetValue(Url) is { } url ? AskAsync(url, cancellationToken) : ProbeAsync(context, cancellationToken);

    /// <summary>Needs none of the database's settings: what watches a container has no business with them.</summary>
    private static async Task<int> AskAsync(string url, CancellationToken cancellationToken)
    {
        using var app = new RemoteApp(url, key: null);
        var (report, isHealthy) = await app.HealthAsync(cancellationToken);
        Console.Out.WriteLine(JsonSerializer.Serialize(report, Json.Options));
        return isHealthy ? ExitCodes.Done : (int)FailureKind.Failed;
    }

    private static async Task<int> ProbeAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var report = await context.Get<HealthCheck>().RunAsync(cancellationToken);
        Console.Out.WriteLine(JsonSerializer.Serialize(report, Json.Options));
        return report.IsHealthy ? ExitCodes.Done : (int)FailureKind.Failed;
    }
}
