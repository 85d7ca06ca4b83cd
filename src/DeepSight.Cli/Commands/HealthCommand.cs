using System.CommandLine;
using System.Text.Json;
using DeepSight.Core;
using DeepSight.Core.Health;

namespace DeepSight.Cli.Commands;

/// <summary><c>deepsight health</c>: what <c>GET /api/health/db</c> answers.</summary>
internal static class HealthCommand
{
    public static Command Define() => CommandContext.Command("health",
        "Probe the database and its migrations; prints the JSON of GET /api/health/db. Exit 1 when it does not answer.", RunAsync);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var report = await context.Get<HealthCheck>().RunAsync(cancellationToken);
        Console.Out.WriteLine(JsonSerializer.Serialize(report, Json.Options));
        return report.IsHealthy ? ExitCodes.Done : (int)FailureKind.Failed;
    }
}
