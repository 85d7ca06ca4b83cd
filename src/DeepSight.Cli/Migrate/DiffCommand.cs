using System.CommandLine;
using DeepSight.Core;

namespace DeepSight.Cli.Migrate;

/// <summary><c>migrate diff</c>, for scripts: does the declared schema equal what the migrations make?</summary>
internal static class DiffCommand
{
    public static Command Define() => CommandContext.Command("diff",
        "Print the SQL that leads from the migrations, or from a database, to the declared schema and back; exit 1 when there is any.", RunAsync, Declared.From, Declared.Database, Declared.OnTarget, Declared.AnyMajor, Declared.Schemas, Declared.Exclude, Declared.Rename, Declared.Simple);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var scripts = await Declared.CompareAsync(context, ["head"], allowEmpty: true, cancellationToken);
        if (!scripts.IsEmpty)
        {
            Declared.Print(context, scripts);
            return (int)FailureKind.Failed;
        }

        context.Terminal.Object(scripts);
        context.Terminal.Success($"The declared schema is what the {(context.Parsed.GetValue(Declared.Database) is null ? "migrations make" : "database has")}.");
        return ExitCodes.Done;
    }
}
