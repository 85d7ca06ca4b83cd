using System.CommandLine;
using DeepSight.Core;
using DeepSight.Core.Migrations.Autogenerate;

namespace DeepSight.Cli.Migrate;

/// <summary><c>migrate schema pull</c>: the declared schema, written from a database.</summary>
internal static class SchemaCommand
{
    public static Command Define()
    {
        var schema = new Command("schema", "The declared schema, which new --autogenerate compares with the migrations.");
        schema.Add(CommandContext.Command("pull", "Write it from the database: a file an object, into MIGRATIONS_SCHEMA, which must be empty.", PullAsync));
        return schema;
    }

    private static async Task<int> PullAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var folder = Path.GetFullPath(context.Migrations().SchemaDirectory);
        var files = await SchemaFolder.WriteAsync(context.Database(), context.Migrations(), folder, cancellationToken);
        context.Terminal.Object(new SchemaFilesJson(folder, files));
        context.Terminal.Success($"{files.Count} {(files.Count == 1 ? "file" : "files")} in {folder}");
        return ExitCodes.Done;
    }
}

/// <summary><c>migrate schema pull</c>.</summary>
internal sealed record SchemaFilesJson(string Folder, IReadOnlyList<string> Files);
