using System.Text;
using System.Text.Json.Serialization;
using DeepSight.Core.Databases;
using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Migrations.Journal;
using DeepSight.Core.Migrations.Running;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>
/// Writes a revision out of a declared schema. Two scratch databases are made: one gets every migration, the other the declared
/// schema. What differs becomes the way up and the way down, and both are run before anything is written.
/// </summary>
public sealed class Autogeneration(MigrationSettings settings, PostgresClients clients, TimeProvider clock)
{
    private const string Application = "deepsight migrate";

    private const string NothingWritten = "Nothing was written.";

    /// <summary>Compares; writes nothing.</summary>
    /// <param name="server">Where the scratch databases are made.</param>
    /// <returns>Both scripts, proven; empty where nothing differs.</returns>
    /// <exception cref="DeepSightException">
    /// A migration or a declared file fails, something differs that isn't modelled, or the proof doesn't hold.
    /// </exception>
    public async Task<GeneratedScripts> CompareAsync(DeclaredSchema declared, DatabaseUrl server, CompareRequest request, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        await PrepareAsync(declared, server, request.IsOwnServer, cancellationToken);
        await using var migrated = await ScratchDatabase.CreateAsync(server, "migrated", null, null, clock, cancellationToken);
        await using var wanted = await ScratchDatabase.CreateAsync(server, "declared", null, null, clock, cancellationToken);

        progress?.Report("applying the migrations to a scratch database");
        var others = await MigrateAsync(migrated.Url, request.Heads, cancellationToken);
        progress?.Report($"loading {declared.Origin} into another");
        await LoadAsync(wanted.Url, declared, others, cancellationToken);

        progress?.Report("comparing them");
        var (was, will) = (await ReadAsync(migrated.Url, request.Scope, cancellationToken), await ReadAsync(wanted.Url, request.Scope, cancellationToken));
        if (was.NotModelled.Except(will.NotModelled).Concat(will.NotModelled.Except(was.NotModelled)).ToList() is { Count: > 0 } strange)
            throw new DeepSightException(FailureKind.Refused, $"These differ, and autogenerate does not know their kind: {string.Join(", ", strange)}. Nothing was written.",
                "write that part by hand: `deepsight migrate new` without --autogenerate, then run this again.");

        var renames = await RenameAsync(migrated.Url, declared, request, cancellationToken);
        var renamed = renames.Count == 0 ? was : await ReadAsync(migrated.Url, request.Scope, cancellationToken);
        await ExecuteAsync(migrated.Url, renames.AsEnumerable().Reverse().Select(rename => rename.Down), cancellationToken);

        var up = SchemaDifference.Between(renamed, will);
        progress?.Report("proving the way up and the way down");
        try
        {
            return new GeneratedScripts(await ProveAsync(up, new SchemaStates(was, renamed, will), renames, migrated.Url, wanted.Url, request, cancellationToken), SchemaHazards.Renames(up));
        }
        catch (DeepSightException e) when (request.Unproven && up.Changes.Any())
        {
            return new GeneratedScripts(
                [new GeneratedRevision(Renames(renames, down: false) + Text(up.Changes), Text(SchemaDifference.Between(will, renamed).Changes) + Renames(renames, down: true), [.. SchemaHazards.Losses(up.Changes)])],
                SchemaHazards.Renames(up))
            { Unproven = e.Message.Replace(NothingWritten, "", StringComparison.Ordinal).TrimEnd() };
        }
    }

    /// <summary>Compares with the head of the migrations what is declared and, where it is given, what a live database has.</summary>
    /// <param name="live">Only read. Null leaves it out.</param>
    /// <exception cref="DeepSightException">A migration or a declared file fails, or a server can't be reached.</exception>
    public async Task<SchemaCheck> CheckAsync(DeclaredSchema declared, DatabaseUrl? live, DatabaseUrl server, bool isOwnServer, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        await PrepareAsync(declared, server, isOwnServer, cancellationToken);
        await using var migrated = await ScratchDatabase.CreateAsync(server, "migrated", null, null, clock, cancellationToken);
        await using var wanted = await ScratchDatabase.CreateAsync(server, "declared", null, null, clock, cancellationToken);
        progress?.Report("applying the migrations to a scratch database");
        var others = await MigrateAsync(migrated.Url, ["heads"], cancellationToken);
        progress?.Report($"loading {declared.Origin} into another");
        await LoadAsync(wanted.Url, declared, others, cancellationToken);

        var head = await ReadAsync(migrated.Url, SchemaScope.All, cancellationToken);
        return new SchemaCheck(
            [.. head.DifferencesTo(await ReadAsync(wanted.Url, SchemaScope.All, cancellationToken), "in the migrations", "declared")],
            live is null ? [] : [.. head.DifferencesTo(await SchemaFolder.ReadAsync(live, settings, cancellationToken), "in the migrations", "in the database")
                // Alembic's bookkeeping stays where it was taken over.
                .Where(difference => !difference.Contains("public.alembic_version", StringComparison.Ordinal))]);
    }

    /// <summary>Drops what killed runs left behind, and names what the server lacks before anything runs.</summary>
    private async Task PrepareAsync(DeclaredSchema declared, DatabaseUrl server, bool isOwnServer, CancellationToken cancellationToken)
    {
        var migrations = await MigrationSources.LoadAsync(settings, server, cancellationToken);
        await using var connection = await PostgresServer.ConnectAsync(server, Application, cancellationToken);
        await AbandonedDatabases.DropAsync(connection, server, cancellationToken);
        await SchemaNeeds.Of([.. migrations.Scripts.Where(script => script.Runs != RunKind.Undo), .. declared.Files]).RequireAsync(connection, isOwnServer, cancellationToken);
    }

    /// <summary>
    /// Runs each revision up, reads what it made, and writes and runs the way back from there: every one leads where it should, twice looked
    /// at, with our model and with pg_dump; and rows stay.
    /// </summary>
    private async Task<IReadOnlyList<GeneratedRevision>> ProveAsync(SchemaDifference up, SchemaStates states, IReadOnlyList<SchemaRename> renames, DatabaseUrl migrated, DatabaseUrl wanted,
        CompareRequest request, CancellationToken cancellationToken)
    {
        var after = SchemaDump.Statements(await SchemaDump.ReadAsync(wanted, clients, request.Scope, cancellationToken));
        var reached = new List<(SchemaModel Model, HashSet<string> Dump)> { (states.Was, await DumpAsync()) };
        var stages = ChangeStages.Of(up, request.IsShort);
        var scripts = stages.Select(stage => (Text: Text(stage), Losses: SchemaHazards.Losses(stage.Changes))).ToList();
        // Renames come first, with what else is in the first transaction.
        if (renames.Count > 0 && stages is not [{ InTransaction: true }, ..]) scripts.Insert(0, ("", []));
        if (renames.Count > 0) scripts[0] = scripts[0] with { Text = Renames(renames, down: false) + scripts[0].Text };
        if (scripts.Count == 0)
        {
            Require("The declared schema and the migrations differ in something that autogenerate does not know", [], SchemaDump.Differences(reached[0].Dump, after));
            return [];
        }

        var rows = await SeededRows.FillAsync(migrated, cancellationToken);
        var hazards = new List<IReadOnlyList<string>>();
        var files = await TableFiles.ReadAsync(migrated, cancellationToken);
        foreach (var (text, losses) in scripts)
        {
            files = await TableFiles.ReadAsync(migrated, cancellationToken);
            await RunWithRowsAsync(new MigrationScript(ScriptFolder.Up, "generated.sql", RunKind.Revision, text));
            hazards.Add([.. losses, .. files.RewrittenIn(await TableFiles.ReadAsync(migrated, cancellationToken))]);
            reached.Add((await ReadAsync(migrated, request.Scope, cancellationToken), await DumpAsync()));
        }

        if (rows is not null) Require("The generated way up loses what it doesn't say", rows.LostIn(await SeededRows.ReadAsync(migrated, cancellationToken)), []);
        RequireEqual("up", reached[^1], (states.Will, after), "declared");
        var revisions = new List<GeneratedRevision>();
        for (var i = scripts.Count - 1; i >= 0; i--)
        {
            var down = Down(SchemaDifference.Between(reached[i + 1].Model, i == 0 ? states.Renamed : reached[i].Model), request.IsShort) + (i == 0 ? Renames(renames, down: true) : "");
            await RunWithRowsAsync(new MigrationScript(ScriptFolder.Down, "generated.sql", RunKind.Revision, down));
            RequireEqual("down", (await ReadAsync(migrated, request.Scope, cancellationToken), await DumpAsync()), reached[i], i == 0 ? "migrated" : "former");
            revisions.Insert(0, new GeneratedRevision(scripts[i].Text, down, hazards[i]));
        }

        return revisions;

        async Task RunWithRowsAsync(MigrationScript script)
        {
            try
            {
                await RunAsync(migrated, script, cancellationToken);
            }
            catch (DeepSightException e) when (rows is not null && SeededRows.AreRefusedBy(e))
            {
                rows = null;
                await SeededRows.EmptyAsync(migrated, cancellationToken);
                files = await TableFiles.ReadAsync(migrated, cancellationToken);
                await RunAsync(migrated, script, cancellationToken);
            }
        }

        async Task<HashSet<string>> DumpAsync() => SchemaDump.Statements(await SchemaDump.ReadAsync(migrated, clients, request.Scope, cancellationToken));

        static void RequireEqual(string way, (SchemaModel Model, HashSet<string> Dump) found, (SchemaModel Model, HashSet<string> Dump) expected, string name) => Require(
            $"The generated way {way} does not lead to the {name} schema", found.Model.DifferencesTo(expected.Model, "generated", name), SchemaDump.Differences(found.Dump, expected.Dump));

        static void Require(string failure, IEnumerable<string> ofModel, IEnumerable<string> ofDump)
        {
            var differences = ofModel.Concat(ofDump).ToList();
            if (differences.Count > 0)
                throw new DeepSightException(FailureKind.Failed, $"{failure}:\n  {string.Join("\n  ", differences.Take(8))}\n{NothingWritten}",
                    "write that part by hand: `deepsight migrate new` without --autogenerate, then run this again.");
        }
    }

    /// <summary>The safe form where it is one file; a way back is one file as its way up is.</summary>
    private static string Down(SchemaDifference difference, bool isShort) =>
        !isShort && ChangeStages.Of(difference, isShort: false) is [var only] ? Text(only) : Text(difference.Changes);

    /// <summary>One after the other, so that each may name what the one before renamed.</summary>
    private static async Task<IReadOnlyList<SchemaRename>> RenameAsync(DatabaseUrl database, DeclaredSchema declared, CompareRequest request, CancellationToken cancellationToken)
    {
        var renames = new List<SchemaRename>();
        foreach (var one in request.Renames) await AddAsync(model => SchemaRename.Of(model, one));
        foreach (var directive in declared.Renames) await AddAsync(directive.In);

        return renames;

        async Task AddAsync(Func<SchemaModel, SchemaRename?> of)
        {
            if (of(await ReadAsync(database, request.Scope, cancellationToken)) is not { } rename) return;

            renames.Add(rename);
            await ExecuteAsync(database, [rename.Up], cancellationToken);
        }
    }

    private static async Task ExecuteAsync(DatabaseUrl database, IEnumerable<string> statements, CancellationToken cancellationToken)
    {
        await using var connection = await PostgresServer.ConnectAsync(database, Application, cancellationToken);
        foreach (var statement in statements) await connection.ExecuteAsync(statement, cancellationToken);
    }

    private static string Renames(IReadOnlyList<SchemaRename> renames, bool down) =>
        string.Concat((down ? renames.Reverse().Select(rename => rename.Down) : renames.Select(rename => rename.Up)).Select(statement => statement + ";\n"));

    /// <returns>The scripts of the other folders that ran: they belong to the declared schema as well.</returns>
    private async Task<IReadOnlyList<string>> MigrateAsync(DatabaseUrl database, IReadOnlyList<string> heads, CancellationToken cancellationToken)
    {
        var others = new List<string>();
        foreach (var head in heads)
        {
            var result = await new MigrationRunner(settings, clock).UpAsync(database, new UpRequest { Target = head, AllowDataLoss = true }, null, cancellationToken);
            others.AddRange(result.Scripts.Where(script => script.Revision is null).Select(script => script.Script));
        }

        await using var connection = await PostgresServer.ConnectAsync(database, Application, cancellationToken);
        await DropJournalAsync(connection, cancellationToken);
        return others;
    }

    private async Task LoadAsync(DatabaseUrl database, DeclaredSchema declared, IReadOnlyList<string> others, CancellationToken cancellationToken)
    {
        var files = (await MigrationSources.LoadAsync(settings, database, cancellationToken)).Scripts.Where(script => others.Contains(script.Display) && script.Folder != ScriptFolder.AlterDatabase).ToList();
        var order = ScriptFolder.InOrder.ToList();
        await using var connection = await PostgresServer.ConnectAsync(database, Application, cancellationToken, forScripts: true);
        foreach (var script in files.Where(IsBefore)) await RunAsync(database, script, cancellationToken);
        await declared.LoadAsync(connection, cancellationToken);
        await DropJournalAsync(connection, cancellationToken);
        foreach (var script in files.Where(script => !IsBefore(script))) await RunAsync(database, script, cancellationToken);

        bool IsBefore(MigrationScript script) => order.IndexOf(script.Folder) < order.IndexOf(ScriptFolder.Up);
    }

    internal static async Task<SchemaModel> ReadAsync(DatabaseUrl database, SchemaScope scope, CancellationToken cancellationToken)
    {
        await using var connection = await PostgresServer.ConnectAsync(database, Application, cancellationToken);
        return scope.Of(await CatalogueReader.ReadAsync(connection, await scope.LeftOutAsync(connection, cancellationToken), cancellationToken));
    }

    /// <summary>As a migration would run, but for the journal.</summary>
    internal static async Task RunAsync(DatabaseUrl database, MigrationScript script, CancellationToken cancellationToken)
    {
        await using var connection = await PostgresServer.ConnectAsync(database, Application, cancellationToken, forScripts: true);
        var statements = ScriptRules.Check(script);
        MigrationStatement? at = null;
        try
        {
            await using var transaction = script.InTransaction ? await connection.BeginTransactionAsync(cancellationToken) : null;
            foreach (var statement in statements)
            {
                at = statement;
                await using var batch = new NpgsqlBatch(connection) { Timeout = 0, BatchCommands = { new NpgsqlBatchCommand(statement.Text) } };
                await batch.ExecuteNonQueryAsync(cancellationToken);
            }

            at = null;
            if (transaction is not null) await transaction.CommitAsync(cancellationToken);
        }
        catch (PostgresException e)
        {
            throw StatementError.Explain(e, script, at, "Nothing was written");
        }
    }

    /// <summary>Our bookkeeping is about a database, not part of its schema.</summary>
    private async Task DropJournalAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var tables = await JournalTables.FindAsync(connection, settings.JournalSchema, cancellationToken);
        foreach (var table in tables.Found.Values) await connection.ExecuteAsync($"DROP TABLE {Sql.Name(tables.Schema)}.{Sql.Name(table.Name)} CASCADE", cancellationToken);
        if (tables.Found.Count > 0 && tables.Schema != "public") await connection.ExecuteAsync($"DROP SCHEMA {Sql.Name(tables.Schema)}", cancellationToken);
        await connection.ExecuteAsync($"DROP SCHEMA IF EXISTS {OwnSchema.Name} CASCADE", cancellationToken);
    }

    private static string Text(ChangeStage stage) => stage.InTransaction
        ? Text(stage.Content.Select(staged => (staged.Change, staged.Statements)))
        : $"-- transaction: off\n\n{stage.Content[0].Statements[0]};\n";

    private static string Text(IEnumerable<SchemaChange> changes) => Text(changes.Select(change => (change, change.Statements)));

    private static string Text(IEnumerable<(SchemaChange Change, IReadOnlyList<string> Statements)> changes)
    {
        var content = changes.ToList();
        var sql = new StringBuilder();
        // A body may name what is made after it.
        if (content.Exists(part => part.Change.Kind != ChangeKind.Drop && part.Change.Object.Fact("unchecked") == "true")) sql.Append("SET LOCAL check_function_bodies = off;\n\n");
        foreach (var (_, statements) in content)
        {
            foreach (var statement in statements) sql.Append(statement).Append(";\n");
            if (statements.Any(statement => statement.Contains('\n'))) sql.Append('\n');
        }

        return sql.ToString().TrimEnd('\n') is { Length: > 0 } text ? text + "\n" : "";
    }

    /// <summary>What the migrations make, the same after the renames, and what is declared.</summary>
    private sealed record SchemaStates(SchemaModel Was, SchemaModel Renamed, SchemaModel Will);
}

/// <summary>What is compared.</summary>
/// <param name="Heads">The revisions that the new one is to follow, as for <c>up</c>.</param>
/// <param name="Renames">As <c>users.mail=email</c>.</param>
public sealed record CompareRequest(IReadOnlyList<string> Heads, IReadOnlyList<string> Renames)
{
    public SchemaScope Scope { get; init; } = SchemaScope.All;

    /// <summary>The server was started for this: roles that it lacks may be made.</summary>
    public bool IsOwnServer { get; init; }

    /// <summary>One revision wherever PostgreSQL allows it, though others wait for as long as it reads their tables.</summary>
    public bool IsShort { get; init; }

    /// <summary>Return scripts whose proof fails as well: <see cref="GeneratedScripts.Unproven"/>.</summary>
    public bool Unproven { get; init; }
}

/// <summary>Where the head of the migrations differs from what is declared and from a live database; both empty when nowhere.</summary>
public sealed record SchemaCheck(IReadOnlyList<string> Declared, IReadOnlyList<string> Live);

/// <summary>The way from the migrations to the declared schema.</summary>
/// <param name="Revisions">Each follows the one before; none where nothing differs.</param>
/// <param name="Renames">What looks like a rename, for people: it is dropped and made.</param>
public sealed record GeneratedScripts(IReadOnlyList<GeneratedRevision> Revisions, IReadOnlyList<string> Renames)
{
    /// <summary>Why the proof failed; null where it holds.</summary>
    public string? Unproven { get; init; }

    [JsonIgnore]
    public bool IsEmpty => Revisions.Count == 0;
}

/// <summary>A way up and its way down.</summary>
/// <param name="Hazards">What the way up does to data and to whoever works meanwhile: <c>deletes-data column public.users.email</c>.</param>
public sealed record GeneratedRevision(string Up, string Down, IReadOnlyList<string> Hazards);
