using System.Text;
using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Migrations.Running;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>The schema as somebody wants it, in SQL that a scratch database is filled with: PostgreSQL itself says what it means.</summary>
public sealed class DeclaredSchema
{
    private const string Kept = "Nothing was written";

    private static readonly ScriptFolder Folder = new("schema", RunKind.Once);

    private readonly IReadOnlyList<MigrationScript> files;

    private DeclaredSchema(IReadOnlyList<MigrationScript> files, string origin) => (this.files, Origin) = (files, origin);

    /// <summary>For people.</summary>
    public string Origin { get; }

    /// <summary>No statement at all.</summary>
    public bool IsEmpty => files.All(file => file.Statements.Count == 0);

    /// <summary>Statements that write rows, as <c>schema/a.sql, line 3: INSERT</c>: they run once, in the scratch database, and are in no revision.</summary>
    public IReadOnlyList<string> RowStatements =>
    [
        .. from file in files from statement in file.Statements
           let words = new StatementWords(statement.Text)
           where words.Starts("insert") || words.Starts("update") || words.Starts("delete") || words.Starts("merge") || words.Starts("truncate")
           select $"{file.Display}, line {statement.Line}: {words[0].ToUpperInvariant()}",
    ];

    internal IReadOnlyList<MigrationScript> Files => files;

    /// <exception cref="DeepSightException">One stands where nothing has a name.</exception>
    internal IEnumerable<RenameDirective> Renames => files.SelectMany(RenameDirective.In);

    /// <summary>All SQL files below a folder.</summary>
    /// <exception cref="DeepSightException">It isn't there, or a file can't be read.</exception>
    public static async Task<DeclaredSchema> OfFolderAsync(string folder, CancellationToken cancellationToken)
    {
        var root = Path.GetFullPath(folder);
        if (!Directory.Exists(root))
            throw new DeepSightException(FailureKind.InvalidInput, $"There is no declared schema: no folder '{root}'.",
                "`deepsight migrate schema pull` writes it from the database; or let MIGRATIONS_SCHEMA name it, or use --from.");

        TrustedPath.Require(root, "The declared schema", FailureKind.InvalidInput);
        var files = new List<MigrationScript>();
        foreach (var path in Directory.EnumerateFiles(root, "*.sql", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            files.Add(Script(Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/'), await File.ReadAllBytesAsync(path, cancellationToken)));
        return new DeclaredSchema(files, root);
    }

    /// <summary>SQL that a program prints.</summary>
    /// <exception cref="DeepSightException">It is no text.</exception>
    public static async Task<DeclaredSchema> OfStreamAsync(Stream sql, string name, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        await sql.CopyToAsync(bytes, cancellationToken);
        return new DeclaredSchema([Script(name, bytes.ToArray())], name);
    }

    /// <summary>Of a reference database, by pg_dump.</summary>
    /// <exception cref="DeepSightException">It can't be dumped.</exception>
    public static async Task<DeclaredSchema> OfDatabaseAsync(DatabaseUrl database, PostgresClients clients, CancellationToken cancellationToken) =>
        new([new MigrationScript(Folder, database.Database + ".sql", RunKind.Once, await SchemaDump.ReadAsync(database, clients, SchemaScope.All, cancellationToken))], database.Display);

    /// <summary>Each file as far as it goes; one that needs what a later one makes is taken up again while there is progress.</summary>
    /// <exception cref="DeepSightException">A statement fails, with its file, line and place.</exception>
    internal async Task LoadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var waiting = files.Select(file => new Loading(file)).ToList();
        while (waiting.Count > 0)
        {
            var progress = false;
            foreach (var file in waiting.Where(file => !file.GivesByDefault)) progress |= await file.ContinueAsync(connection, cancellationToken);
            // Default privileges give nothing to what is there already: a file with them comes last.
            if (!progress)
                foreach (var file in waiting.Where(file => file.GivesByDefault)) progress |= await file.ContinueAsync(connection, cancellationToken);
            waiting.RemoveAll(file => file.IsDone);
            if (!progress && waiting.Count > 0) throw waiting[0].Failure(waiting.Count - 1);
        }
    }

    private static MigrationScript Script(string path, byte[] bytes) => new(Folder, path, RunKind.Once, ScriptText.Decode(bytes, $"{Folder.Name}/{path}"));

    /// <summary>A file, and how far it has come.</summary>
    private sealed class Loading(MigrationScript file)
    {
        // A program's script may hold its own transaction; each statement is to be tried by itself.
        private readonly IReadOnlyList<MigrationStatement> statements =
            [.. file.Statements.Where(statement => TransactionStatement.Classify(Encoding.UTF8.GetBytes(statement.Text)) == TransactionEffect.None)];

        private int next;
        private PostgresException? error;

        public bool GivesByDefault => statements.Any(statement => new StatementWords(statement.Text).Starts("alter", "default", "privileges"));

        public bool IsDone => next == statements.Count;

        public async Task<bool> ContinueAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
        {
            var began = next;
            try
            {
                await RunAsync("reset all");
                await RunAsync("set check_function_bodies = off");
                // What it has set for itself before.
                foreach (var statement in statements.Take(next).Where(statement => Sets(statement.Text))) await RunAsync(statement.Text);
                for (; next < statements.Count; next++) await RunAsync(statements[next].Text);
                return true;
            }
            catch (PostgresException e)
            {
                error = e;
                return next > began;
            }

            async Task RunAsync(string sql)
            {
                // A batch of one: Npgsql would split the body of a BEGIN ATOMIC function.
                await using var batch = new NpgsqlBatch(connection) { Timeout = 0, BatchCommands = { new NpgsqlBatchCommand(sql) } };
                await batch.ExecuteNonQueryAsync(cancellationToken);
            }
        }

        public DeepSightException Failure(int others) =>
            StatementError.Explain(error!, file, statements[next], others == 0 ? Kept : $"{Kept}, and {others} more {(others == 1 ? "file waits" : "files wait")} for something that is missing");

        private static bool Sets(string statement) => new StatementWords(statement) is var words && (words.Starts("set") || words.Contains("set_config"));
    }
}
