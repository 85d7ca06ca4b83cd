using System.Text;
using System.Text.RegularExpressions;
using DeepSight.Core.Migrations.Autogenerate.Kinds;
using DeepSight.Core.Migrations.Journal;
using DeepSight.Core.Postgres;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>Writes a declared schema: a file for each object, with its indexes, triggers, comments and privileges.</summary>
public static partial class SchemaFolder
{
    /// <returns>The files' paths below the folder.</returns>
    /// <exception cref="DeepSightException">The folder holds something, or the database has kinds of objects that can't be written.</exception>
    public static async Task<IReadOnlyList<string>> WriteAsync(DatabaseUrl database, MigrationSettings settings, string folder, CancellationToken cancellationToken)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new DeepSightException(FailureKind.Refused, $"'{folder}' is not empty. Nothing was written.", "empty it first, or let MIGRATIONS_SCHEMA name another folder.");

        var model = await ReadAsync(database, settings, cancellationToken);
        if (model.NotModelled.Count > 0)
            throw new DeepSightException(FailureKind.Refused,
                $"These are of kinds that can't be written yet: {string.Join(", ", model.NotModelled)}. Nothing was written.",
                "use --from with the database's URL, or with a file that pg_dump --schema-only wrote.");
        var files = FilesOf(model);
        if (files.Count == 0) throw new DeepSightException(FailureKind.NothingToDo, $"'{database.Display}' has no schema to write.", "is it the right DATABASE_URL?");
        foreach (var (path, text) in files)
        {
            var file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, text, cancellationToken);
        }

        return [.. files.Keys];
    }

    /// <summary>A live database's schema, without our journal.</summary>
    internal static async Task<SchemaModel> ReadAsync(DatabaseUrl database, MigrationSettings settings, CancellationToken cancellationToken)
    {
        await using var connection = await PostgresServer.ConnectAsync(database, "deepsight migrate", cancellationToken);
        var journal = await JournalTables.FindAsync(connection, settings.JournalSchema, cancellationToken);
        return await CatalogueReader.ReadAsync(connection, journal.Found.Count > 0 ? [OwnSchema.Name, journal.Schema] : [OwnSchema.Name], cancellationToken);
    }

    private static SortedDictionary<string, string> FilesOf(SchemaModel model)
    {
        var files = new SortedDictionary<string, StringBuilder>(StringComparer.Ordinal);
        foreach (var change in SchemaDifference.Between(SchemaModel.Empty, model).Changes)
        {
            // Every database has them.
            if (change.Object.Key is "schema public" or "extension plpgsql") continue;

            var path = PathOf(Root(change.Object));
            if (!files.TryGetValue(path, out var text)) files[path] = text = new StringBuilder();
            foreach (var statement in change.Statements) text.Append(text.Length > 0 && statement.Contains('\n') ? "\n" : "").Append(statement).Append(";\n");
        }

        return new SortedDictionary<string, string>(files.ToDictionary(file => file.Key, file => file.Value.ToString()), StringComparer.Ordinal);
    }

    /// <summary>Default privileges have files of their own, which are loaded last.</summary>
    private static SchemaObject Root(SchemaObject of) => of.Parent is null || of.Kind == Notes.DefaultGrant ? of : Root(of.Parent);

    /// <summary><c>tables/users.sql</c>; overloads of a function share a file.</summary>
    private static string PathOf(SchemaObject of)
    {
        var name = of.Identity.TrimStart('(').Split('(')[0];
        if (name.StartsWith("public.", StringComparison.Ordinal)) name = name["public.".Length..];
        return $"{(of.Kind == Notes.DefaultGrant ? of.Kind.Name : Plural(of.Kind.Name)).Replace(' ', '_')}/{NotPlain().Replace(name, "_")}.sql";
    }

    private static string Plural(string kind) => kind.EndsWith('y') ? $"{kind[..^1]}ies" : kind.EndsWith('s') ? $"{kind}es" : $"{kind}s";

    [GeneratedRegex(@"[^\p{L}\p{N}_.-]+")]
    private static partial Regex NotPlain();
}
