using System.CommandLine;
using DeepSight.Core;
using DeepSight.Core.Migrations.Authoring;

namespace DeepSight.Cli.Migrate;

/// <summary><c>migrate sql from:to</c>, Alembic's <c>upgrade --sql</c>.</summary>
internal static class SqlCommand
{
    private static readonly Argument<string> Range = new("range") { Description = "from:to, as in base:head; downwards when it leads down.", DefaultValueFactory = _ => "base:head" };

    public static Command Define() => CommandContext.Command("sql", "Print the SQL of a range, with its journal rows, for psql alone.", RunAsync, Range);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var sql = new OfflineScript(await context.FilesAsync(cancellationToken), context.Migrations()).Write(context.Parsed.GetRequiredValue(Range));
        context.Terminal.Object(new SqlJson(sql));
        if (!context.Terminal.AsJson) await Console.Out.WriteAsync(sql);
        return ExitCodes.Done;
    }
}

/// <summary><c>migrate sql</c>.</summary>
internal sealed record SqlJson(string Sql);
