using System.CommandLine;
using System.Text.Json;
using DeepSight.Core;
using DeepSight.Core.Health;

namespace DeepSight.Cli.Commands;

/// <summary><c>deepsight health</c>: what <c>GET /api/health/db</c> answers; with <c>--backup</c>, <c>GET /api/health/backup</c>.</summary>
internal static class HealthCommand
{
    private static readonly Option<bool> Backup = new("--backup") { Description = "Is there a backup to rely on? The JSON of GET /api/health/backup; exit 1 when not." };

    public static Command Define() => CommandContext.Command("health",
        "Probe the database and its migrations; prints the JSON of GET /api/health/db. Exit 1 when it does not answer.", RunAsync, Backup);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (context.Parsed.GetValue(Backup))
        {
            var freshness = await context.Get<FreshnessCheck>().RunAsync(context.Queues, cancellationToken);
            Console.Out.WriteLine(JsonSerializer.Serialize(freshness, Json.Options));
            return freshness.IsFresh ? ExitCodes.Done : (int)FailureKind.Failed;
        }

        var report = await context.Get<HealthCheck>().RunAsync(cancellationToken);
        Console.Out.WriteLine(JsonSerializer.Serialize(report, Json.Options));
        return report.IsHealthy ? ExitCodes.Done : (int)FailureKind.Failed;
    }
}
