using System.CommandLine;
using System.Globalization;
using DeepSight.Cli.Quickstart;
using DeepSight.Core;
using DeepSight.Core.Migrations.Autogenerate;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;

namespace DeepSight.Cli.Migrate;

/// <summary>What the verbs with a declared schema share: where it is, and where the scratch databases are made.</summary>
internal static class Declared
{
    public static readonly Option<string?> From = new("--from")
    {
        Description = "Where the declared schema is: a database's URL, a file of SQL, or - for standard input. Default: the folder MIGRATIONS_SCHEMA.",
    };

    public static readonly Option<bool> OnTarget = new("--on-target") { Description = "Make the scratch databases on the server of DATABASE_URL instead of VERIFY_DATABASE_URL." };

    public static readonly Option<string[]> Rename = new("--rename") { Description = "A rename, as table.old=new: of a table, column, type, index, constraint, view or sequence." };

    public static readonly Option<bool> AnyMajor = new("--any-major") { Description = "Use a scratch server of another major than that of DATABASE_URL, which then isn't asked." };

    public static readonly Option<string[]> Schemas = new("--schemas") { Description = "Compare these schemas only; names with commas between them." };

    public static readonly Option<string[]> Exclude = new("--exclude")
    {
        Description = "Leave out schemas, or tables, views and sequences as schema.name, by a pattern with * and ?.",
    };

    public static readonly Option<bool> Simple = new("--simple")
    {
        Description = "The short form: one revision, though others wait while it reads or builds. Default: the forms that lint asks for, in as many revisions as they need.",
    };

    public static readonly Option<string?> Database = new("--database") { Description = "A database's URL: what leads from it to the declared schema, in place of from the migrations; only read." };

    public static readonly Option<bool> Unproven = new("--unproven") { Description = "Write the revision though its proof fails; its header says so." };

    /// <exception cref="DeepSightException">An empty schema isn't allowed; or comparing failed.</exception>
    public static async Task<GeneratedScripts> CompareAsync(CommandContext context, IReadOnlyList<string> heads, bool allowEmpty, CancellationToken cancellationToken)
    {
        var declared = await ReadAsync(context, cancellationToken);
        if (declared.IsEmpty && !allowEmpty)
            throw new DeepSightException(FailureKind.Refused, $"The declared schema ({declared.Origin}) holds no statement: everything would be dropped.", "--allow-empty, if that is what you want.");

        foreach (var rows in declared.RowStatements)
            context.Terminal.Warning($"{rows} writes rows, which are no part of a schema: it runs in the scratch database only. Write a revision for them.");
        await using var server = await RequireServerAsync(context, cancellationToken);
        var request = new CompareRequest(heads, context.Parsed.GetValue(Rename) ?? [])
        {
            // Alembic's bookkeeping stays where it was taken over.
            Scope = new SchemaScope(Names(context, Schemas), [.. Names(context, Exclude), .. Compared(context) is null ? Array.Empty<string>() : ["public.alembic_version"]]),
            Database = Compared(context),
            IsOwnServer = server.IsOwn,
            IsShort = context.Parsed.GetValue(Simple),
            Unproven = context.Parsed.GetValue(Unproven),
        };
        var scripts = await context.Get<Autogeneration>().CompareAsync(declared, server.Url, request, new Steps(context), cancellationToken);
        if (scripts.Unproven is { } why) context.Terminal.Warning($"Not proven. {why}");
        foreach (var rename in scripts.Renames)
            context.Terminal.Warning($"Is this a rename? {rename}. It is written as a drop and a new one; --rename OLD=NEW makes it a rename.");
        foreach (var hazard in scripts.Revisions.SelectMany(revision => revision.Hazards)) context.Terminal.Warning(hazard);
        return scripts;
    }

    public static int Print(CommandContext context, GeneratedScripts scripts)
    {
        context.Terminal.Object(scripts);
        if (context.Terminal.AsJson) return ExitCodes.Done;

        foreach (var (revision, number) in scripts.Revisions.Select((revision, index) => (revision, scripts.Revisions.Count == 1 ? "" : $" {index + 1} of {scripts.Revisions.Count}")))
            Console.Out.Write($"-- up{number}\n{revision.Up}\n-- down{number}\n{revision.Down}{(revision == scripts.Revisions[^1] ? "" : "\n")}");
        return ExitCodes.Done;
    }

    /// <summary>For <c>check</c>: null where no schema is declared, or no server is there to load it into.</summary>
    /// <param name="live">The database to look at as well.</param>
    public static async Task<SchemaCheck?> CheckAsync(CommandContext context, DatabaseUrl? live, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(context.Migrations().SchemaDirectory)) return null;

        var declared = await ReadAsync(context, cancellationToken);
        await using var server = await FindServerAsync(context, cancellationToken);
        if (server is not null)
            return await context.Get<Autogeneration>().CheckAsync(declared, live, server.Url, server.IsOwn, new Steps(context), cancellationToken);

        context.Terminal.Warning($"The declared schema was not compared. {NoServer}");
        return null;
    }

    /// <summary>Where scratch databases are made: the clone's own server, started for it, or the one that is named.</summary>
    /// <exception cref="DeepSightException">There is neither; or the one that is named is of another major.</exception>
    public static async Task<ScratchServer> RequireServerAsync(CommandContext context, CancellationToken cancellationToken) =>
        await FindServerAsync(context, cancellationToken) ?? throw new DeepSightException(FailureKind.InvalidInput, NoServer,
            "set it to a server where scratch databases may come and go; or --on-target uses the server of DATABASE_URL.");

    private static async Task<ScratchServer?> FindServerAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (await StartBundledAsync(context, cancellationToken) is { } bundled) return new ScratchServer(bundled.Url, bundled);
        return await ServerAsync(context, cancellationToken) is { } named ? new ScratchServer(named, null) : null;
    }

    private static string[] Names(CommandContext context, Option<string[]> option) =>
        [.. (context.Parsed.GetValue(option) ?? []).SelectMany(names => names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];

    private const string NoServer = "There is no server for the scratch databases: VERIFY_DATABASE_URL is not set, and the clone has no server of that major.";

    /// <summary>Null but for <c>diff --database</c>.</summary>
    private static DatabaseUrl? Compared(CommandContext context) => context.Parsed.GetValue(Database) is { } url ? DatabaseUrl.Parse(url, "--database") : null;

    private static async Task<DatabaseUrl?> ServerAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (context.Parsed.GetValue(OnTarget)) return context.Database();
        if (context.Settings.Database.ForDrills() is not { } server || context.Parsed.GetValue(AnyMajor)) return context.Settings.Database.ForDrills();

        if (context.Settings.Database is { Url: null, DirectUrl: null } && Compared(context) is null) return server;
        var (ours, scratch) = (await MajorAsync(Compared(context) ?? context.Database(), cancellationToken), await MajorAsync(server, cancellationToken));
        return ours == scratch ? server : throw new DeepSightException(FailureKind.Refused,
            $"The server of VERIFY_DATABASE_URL is PostgreSQL {scratch}, that of {(Compared(context) is null ? "DATABASE_URL" : "--database")} is {ours}: what is proven on one may not hold on the other. Nothing was run.",
            "use a server of the same major, or --any-major.");
    }

    private static async Task<int> MajorAsync(DatabaseUrl database, CancellationToken cancellationToken)
    {
        await using var connection = await PostgresServer.ConnectAsync(database, "deepsight migrate", cancellationToken);
        return connection.PostgreSqlVersion.Major;
    }

    /// <summary>
    /// Where no server is named: the clone's own, if it has one of the major of DATABASE_URL, which is only asked for its version.
    /// </summary>
    private static async Task<EmbeddedServer?> StartBundledAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (context.Parsed.GetValue(OnTarget) || context.Settings.Database.ForDrills() is not null
            || Environment.GetEnvironmentVariable("DEEPSIGHT_HOME") is not { Length: > 0 } home) return null;

        var major = (await MajorAsync(Compared(context) ?? context.Database(), cancellationToken)).ToString(CultureInfo.InvariantCulture);
        var bundle = Path.Combine(home, ".deepsight", "server", major);
        if (!File.Exists(Path.Combine(bundle, "bin", "postgres"))) return null;

        context.Terminal.Note($"  starting the clone's PostgreSQL {major} for the scratch databases …");
        var log = Directory.CreateDirectory(Path.Combine(home, ".deepsight", "log"));
        return await EmbeddedServer.StartAsync(new EmbeddedServerOptions { Bundle = bundle, LogPath = Path.Combine(log.FullName, "autogenerate.log") }, cancellationToken);
    }

    private static async Task<DeclaredSchema> ReadAsync(CommandContext context, CancellationToken cancellationToken)
    {
        switch (context.Parsed.GetValue(From))
        {
            case null:
                return await DeclaredSchema.OfFolderAsync(context.Migrations().SchemaDirectory, cancellationToken);
            case "-":
                return await DeclaredSchema.OfStreamAsync(Console.OpenStandardInput(), "stdin.sql", cancellationToken);
            case var url when url.Contains("://", StringComparison.Ordinal):
                return await DeclaredSchema.OfDatabaseAsync(DatabaseUrl.Parse(url, "--from"), context.Get<PostgresClients>(), cancellationToken);
            case var path when File.Exists(path):
                await using (var file = File.OpenRead(path)) return await DeclaredSchema.OfStreamAsync(file, Path.GetFileName(path), cancellationToken);
            case var path:
                throw new DeepSightException(FailureKind.InvalidInput, $"There is no file '{path}'.", "--from takes a database's URL, a file, or - for standard input.");
        }
    }

    /// <summary>Reports at once, in the order of the steps.</summary>
    internal sealed class Steps(CommandContext context) : IProgress<string>
    {
        public void Report(string value) => context.Terminal.Note($"  {value} …");
    }
}

/// <summary>A server for scratch databases; one of our own ends with this.</summary>
internal sealed class ScratchServer(DatabaseUrl url, EmbeddedServer? own) : IAsyncDisposable
{
    public DatabaseUrl Url { get; } = url;

    public bool IsOwn => own is not null;

    public ValueTask DisposeAsync() => own?.DisposeAsync() ?? ValueTask.CompletedTask;
}
